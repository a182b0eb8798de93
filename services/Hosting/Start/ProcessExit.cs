namespace Muster.Hosting;

/// <summary>
/// With which code a host's process is to end. Of the host, not of <see cref="Environment"/>: one process may
/// run several.
/// </summary>
public sealed class ProcessExit
{
    /// <summary>A part of the process can go on no more.</summary>
    public const int Fault = 70;

    /// <summary>The process must not start like this: its settings, or the data that it found.</summary>
    public const int Refused = 78;

    /// <summary>0: stopped because it was told to.</summary>
    public int Code { get; set; }
}
