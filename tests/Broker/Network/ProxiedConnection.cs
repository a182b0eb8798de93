using System.Net.Sockets;

namespace Muster.Broker;

/// <summary>
/// One connection through the proxy: two pumps that stop, with what they have read, while it is held.
/// </summary>
internal sealed class ProxiedConnection(Socket near, Socket far, TimeSpan delay)
{
    /// <summary>
    /// What each direction holds at most in this process; the rest waits in the sender's socket, as on a real
    /// wire.
    /// </summary>
    private const int BufferBytes = 16 * 1024;

    private readonly Lock _gate = new();
    private TaskCompletionSource? _held;
    private bool _closed;

    public void Hold()
    {
        lock (_gate)
        {
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Release()
    {
        lock (_gate)
        {
            _held?.SetResult();
            _held = null;
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
        }
        near.Close();
        far.Close();
        Release();
    }

    public async Task RunAsync()
    {
        near.NoDelay = true;
        far.NoDelay = true;
        await Task.WhenAll(PumpAsync(near, far), PumpAsync(far, near));
    }

    private async Task PumpAsync(Socket source, Socket destination)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (true)
            {
                var count = await source.ReceiveAsync(buffer);
                if (delay > TimeSpan.Zero) await Task.Delay(delay, TimeProvider.System);
                // A close is held too: the other side must not learn of it before the wire heals.
                await PassAsync();
                if (count == 0)
                {
                    destination.Shutdown(SocketShutdown.Send);
                    return;
                }
                for (var sent = 0; sent < count;)
                {
                    sent += await destination.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            await PassAsync();
            Close();
        }
    }

    private async Task PassAsync()
    {
        while (true)
        {
            Task? held;
            lock (_gate)
            {
                held = _closed ? null : _held?.Task;
            }
            if (held is null)
            {
                return;
            }
            await held;
        }
    }
}
