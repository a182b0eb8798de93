using System.Globalization;
using Muster.Contracts;
using StackExchange.Redis;

namespace Muster.Fencing;

/// <summary>
/// Fences in Redis, for keys that are written under a lock: each write is one script that compares the token
/// with the fence key of its resource, and so one step of Redis.
/// <list type="bullet">
/// <item>In a Redis cluster the keys must share the fence key's hash slot: name them with
/// <c>{RESOURCE}</c>, or let the resource itself have a hash tag that they share. Redis refuses the call
/// otherwise.</item>
/// <item>Fence keys have no expiry. A server that evicts keys without one (<c>allkeys-*</c>), is flushed, or
/// fails over to a replica that lacks the newest writes, forgets fences with everything else, and takes an
/// old holder until a newer token is shown. What must not bear that belongs into a database.</item>
/// <item>A write that timed out may have been done; doing it again with the same token is accepted.</item>
/// </list>
/// Thread-safe.
/// </summary>
/// <param name="database">A connection that writes: not a replica's.</param>
/// <param name="prefix">
/// Of the fence keys, without braces (else an <see cref="ArgumentException"/>); default
/// <c>muster:fence:</c>.
/// </param>
public sealed class RedisFence(IDatabase database, string prefix = "muster:fence:") : IFenceStore
{
    private const string Stale = "STALE ";

    /// <summary>
    /// By its hash alone, a restarted Redis would not know the script, and fail the first call. A replica may
    /// know an older fence: while the primary is away, so is the fence.
    /// </summary>
    private const CommandFlags Whole = CommandFlags.NoScriptCache | CommandFlags.DemandMaster;

    /// <summary>
    /// The last key is the fence, the last argument the token; both are taken away from what follows.
    /// Tokens are below 2^53, so Lua compares them exactly; it would not write them so, hence the texts.
    /// </summary>
    private const string Guard =
        """
        do
          local fence, token = table.remove(KEYS), table.remove(ARGV)
          local newest = redis.call('GET', fence)
          if newest and tonumber(newest) > tonumber(token) then
            return redis.error_reply('STALE ' .. newest)
          end
          if newest ~= token then
            redis.call('SET', fence, token)
          end
        end

        """;

    private const string Set =
        """
        if ARGV[2] then
          return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        end
        return redis.call('SET', KEYS[1], ARGV[1])
        """;

    private const string Delete = "return redis.call('DEL', KEYS[1])";

    private const string Accept = "return redis.status_reply('OK')";

    private readonly string _prefix = !prefix.AsSpan().ContainsAny('{', '}')
        ? prefix
        : throw new ArgumentException("A prefix with braces would be every resource's hash tag.");

    /// <summary>
    /// Where a resource's fence is. Its hash tag is the resource, or the one in the resource's name.
    /// </summary>
    public RedisKey KeyOf(string resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        var open = resource.IndexOf('{', StringComparison.Ordinal);
        var isTagged = open >= 0 && resource.IndexOf('}', open + 1) > open + 1;
        return isTagged ? $"{_prefix}tagged:{resource}" : $"{_prefix}{{{resource}}}";
    }

    /// <summary>Sets a key, unless a newer holder has been here.</summary>
    /// <param name="resource">As for <see cref="IFenceStore.RaiseAsync"/>.</param>
    /// <param name="token">The handle's, of the lock that protects the resource.</param>
    /// <param name="key">In the fence key's slot.</param>
    /// <param name="value">Its new value.</param>
    /// <param name="expiry">At least a millisecond; null: none.</param>
    /// <param name="cancellationToken">Gives up; it may have been done.</param>
    /// <exception cref="StaleFencingTokenException">A newer token was shown; nothing was done.</exception>
    /// <exception cref="ArgumentException">No such resource or token can be; nothing was done.</exception>
    /// <exception cref="RedisException">Redis' own: away, read-only, keys of several slots.</exception>
    public Task SetAsync(
        string resource, FencingToken token, RedisKey key, RedisValue value, TimeSpan? expiry = null,
        CancellationToken cancellationToken = default)
    {
        if (expiry is not { } time)
        {
            return ExecuteAsync(resource, token, Set, [key], [value], cancellationToken);
        }
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.FromMilliseconds(1), nameof(expiry));
        return ExecuteAsync(
            resource, token, Set, [key], [value, (long)time.TotalMilliseconds], cancellationToken);
    }

    /// <summary>Deletes a key, unless a newer holder has been here. The fence stays.</summary>
    /// <returns>Whether the key was there.</returns>
    /// <inheritdoc cref="SetAsync" path="/param"/>
    /// <inheritdoc cref="SetAsync" path="/exception"/>
    public async Task<bool> DeleteAsync(
        string resource, FencingToken token, RedisKey key, CancellationToken cancellationToken = default) =>
        (bool)await ExecuteAsync(resource, token, Delete, [key], [], cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Runs a script of your own, unless a newer holder has been here: the whole script is one guarded
    /// step. It finds its own <c>KEYS</c> and <c>ARGV</c>. If it fails midway, what it wrote stays, and so
    /// does the fence.
    /// </summary>
    /// <param name="resource">As for <see cref="IFenceStore.RaiseAsync"/>.</param>
    /// <param name="token">The handle's, of the lock that protects the resource.</param>
    /// <param name="script">Lua, without a <c>#!</c> line.</param>
    /// <param name="keys">All it touches, in the fence key's slot.</param>
    /// <param name="values">Its arguments.</param>
    /// <param name="cancellationToken">Gives up; it may have been done.</param>
    /// <returns>What the script returns.</returns>
    /// <inheritdoc cref="SetAsync" path="/exception"/>
    public async Task<RedisResult> ExecuteAsync(
        string resource, FencingToken token, string script, RedisKey[] keys, RedisValue[] values,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(script);
        try
        {
            return await RunAsync(resource, token, script, keys, values, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (RedisServerException refused) when (NewestOf(refused) is { } newest)
        {
            throw new StaleFencingTokenException(resource, token, newest);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis' own: away, read-only.</exception>
    public async ValueTask<FencingToken> RaiseAsync(
        string resource, FencingToken token, CancellationToken cancellationToken = default)
    {
        try
        {
            await RunAsync(resource, token, Accept, [], [], cancellationToken).ConfigureAwait(false);
            return token;
        }
        catch (RedisServerException refused) when (NewestOf(refused) is { } newest)
        {
            return newest;
        }
    }

    private Task<RedisResult> RunAsync(
        string resource, FencingToken token, string script, RedisKey[] keys, RedisValue[] values,
        CancellationToken cancellationToken)
    {
        FenceArguments.Check(resource, token);
        return database.ScriptEvaluateAsync(
                Guard + script, [.. keys, KeyOf(resource)], [.. values, token.Value], Whole)
            .WaitAsync(cancellationToken);
    }

    private static FencingToken? NewestOf(RedisServerException refused) =>
        refused.Message.StartsWith(Stale, StringComparison.Ordinal)
        && long.TryParse(
            refused.Message.AsSpan(Stale.Length), NumberStyles.None, CultureInfo.InvariantCulture,
            out var newest)
            ? new FencingToken(newest)
            : null;
}
