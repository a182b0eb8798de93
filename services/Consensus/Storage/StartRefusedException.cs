namespace Muster.Consensus.Storage;

/// <summary>
/// The node must not start like this; the message says why and what to do. The process ends without a stack
/// trace.
/// </summary>
public sealed class StartRefusedException : Exception
{
    /// <summary>How a message ends where votes and entries may be gone.</summary>
    internal const string Advice = "and must not take part. Bring back the very folder that it wrote last.";

    public StartRefusedException()
    {
    }

    public StartRefusedException(string message) : base(message)
    {
    }

    public StartRefusedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
