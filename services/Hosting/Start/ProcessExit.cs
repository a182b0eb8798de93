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

    /// <summary>Why the process must not run like this; empty when nothing forbids it.</summary>
    public string Refusal { get; private set; } = "";

    /// <summary>What was found after the start forbids to run like this. The first reason counts.</summary>
    public void Refuse(string why)
    {
        Code = Refused;
        Refusal = Refusal.Length == 0 ? why : Refusal;
    }
}
