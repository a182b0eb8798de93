using System.Net;
using System.Net.Sockets;

namespace Muster.Broker;

/// <summary>
/// Loopback ports that stay free while nobody listens on them: a broker that is stopped and started again
/// keeps its port, so it must be outside the range from which the system takes ports for outgoing
/// connections.
/// </summary>
public static class FreePorts
{
    private const int Lowest = 20_000;
    private const int Highest = 32_000;
    private const int Attempts = 500;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Taken = [];

    public static int Take()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < Attempts; attempt++)
            {
                var port = Random.Shared.Next(Lowest, Highest);
                if (IsFree(port) && Taken.Add(port))
                {
                    return port;
                }
            }
        }
        throw new InvalidOperationException($"No free port in {Lowest}..{Highest}, {Attempts} tried.");
    }

    private static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }
}
