using System.Threading.Channels;

namespace Muster.Bus.Tests;

/// <summary>What a link received: a wait ends with a message or fails after ten seconds.</summary>
internal sealed class Received
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Channel<LinkMessage> _messages = Channel.CreateUnbounded<LinkMessage>();

    public void Add(LinkMessage message) => _messages.Writer.TryWrite(message);

    public Task<LinkMessage> NextAsync() =>
        _messages.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

    public async Task<IReadOnlyList<LinkMessage>> TakeAsync(int count)
    {
        var taken = new List<LinkMessage>();
        while (taken.Count < count)
        {
            taken.Add(await NextAsync());
        }
        return taken;
    }

    /// <summary>Exact only behind a barrier: after a later message of the same sender has come.</summary>
    public bool IsEmpty => !_messages.Reader.TryPeek(out _);
}
