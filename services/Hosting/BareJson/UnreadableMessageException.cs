using MassTransit;

namespace Muster.Hosting;

/// <summary>
/// A message that cannot be taken as it is; it goes to the error queue with this text. No inner exception:
/// MassTransit would write that one's text there instead. Cut where it is long: it repeats what the sender
/// wrote, and is a line of the log for each such message.
/// </summary>
public sealed class UnreadableMessageException : Exception
{
    private const int MostCharacters = 1_000;

    public UnreadableMessageException(string message)
        : base(message?.Length > MostCharacters ? message[..MostCharacters] + " …" : message)
    {
    }

    internal static void ThrowIfOver(int maxMessageBytes, MessageBody body)
    {
        // The length is known without a copy of the body on every transport that knows it at all.
        var length = body.Length ?? body.GetBytes().LongLength;
        if (length > maxMessageBytes)
        {
            throw new UnreadableMessageException(
                $"The message has {length} bytes; Bus:MaxMessageBytes is {maxMessageBytes}.");
        }
    }
}
