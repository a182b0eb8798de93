namespace Muster.Views;

/// <summary>
/// The two scripts, each one step of Redis. Numbers stay below 2^53, so Lua compares them exactly.
/// </summary>
internal static class ViewScripts
{
    /// <summary>
    /// Keys: the view's hash. Arguments: epoch, index, view, ttl and age in milliseconds. A smaller (epoch,
    /// index) changes nothing; an equal one is only made younger; what is no hash is replaced. The key
    /// expires when the view is as old as its ttl, so what is left tells its age; more than its ttl, where
    /// Redis' clock went back, tells none, and is replaced.
    /// </summary>
    public const string Write = """
        local kept = redis.pcall('HMGET', KEYS[1], 'epoch', 'index', 'ttl')
        if kept.err then
          redis.call('DEL', KEYS[1])
          kept = {}
        end
        local kept_epoch, kept_index, kept_ttl = tonumber(kept[1]), tonumber(kept[2]), tonumber(kept[3])
        local epoch, index = tonumber(ARGV[1]), tonumber(ARGV[2])
        local ttl, age = tonumber(ARGV[4]), tonumber(ARGV[5])
        if kept_epoch and kept_index and kept_ttl then
          if epoch < kept_epoch or (epoch == kept_epoch and index < kept_index) then
            return 0
          end
          if epoch == kept_epoch and index == kept_index then
            local left = redis.call('PTTL', KEYS[1])
            if left >= 0 and left <= kept_ttl and age >= kept_ttl - left then
              return 1
            end
          end
        end
        redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'index', ARGV[2], 'view', ARGV[3], 'ttl', ARGV[4])
        redis.call('PEXPIRE', KEYS[1], ttl - age)
        return 2
        """;

    /// <summary>
    /// Keys: the view's hash. View, ttl and what is left of it, or nothing; one that never expires has no age
    /// and counts as none, and so does what is no hash.
    /// </summary>
    public const string Read = """
        local kept = redis.pcall('HMGET', KEYS[1], 'view', 'ttl')
        local left = redis.call('PTTL', KEYS[1])
        if kept.err or not kept[1] or not kept[2] or left < 0 then
          return false
        end
        return {kept[1], kept[2], left}
        """;
}
