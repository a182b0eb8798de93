namespace Muster.Hosting;

/// <summary>
/// The service must not start like this; the message says why and what to do. The process ends without a
/// stack trace.
/// </summary>
public sealed class StartRefusedException : Exception
{
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
