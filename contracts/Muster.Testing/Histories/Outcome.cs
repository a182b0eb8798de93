namespace Muster.Testing;

/// <summary>How an operation ended, as far as its caller knows.</summary>
public enum Outcome
{
    /// <summary>
    /// Nobody knows whether it took effect: it may at any time after its invocation, or never.
    /// </summary>
    Unknown,

    /// <summary>It took effect between its invocation and its completion, with the answer it gave.</summary>
    Ok,

    /// <summary>It certainly had no effect, and tells nothing.</summary>
    Failed,
}
