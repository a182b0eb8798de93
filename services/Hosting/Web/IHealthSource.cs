namespace Muster.Hosting;

/// <summary>One thing a process needs to do its work. Registered as singletons; all must be ready.</summary>
public interface IHealthSource
{
    string Name { get; }

    bool IsReady { get; }

    /// <summary>A sentence for people: what is missing, or what is well.</summary>
    string Detail { get; }
}

/// <summary>One section of <c>/status</c>. Registered as singletons; read from any thread.</summary>
public interface IStatusSource
{
    /// <summary>The section's name, camel case, unique in the process.</summary>
    string Name { get; }

    /// <summary>A value that System.Text.Json can write.</summary>
    object Read();
}
