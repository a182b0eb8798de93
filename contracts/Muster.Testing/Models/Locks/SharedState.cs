namespace Muster.Testing;

/// <summary>Who holds a lock of many readers or one writer.</summary>
public sealed class SharedState : IEquatable<SharedState>
{
    private readonly long[] _readers;

    private SharedState(Holder writer, long[] readers) => (Writer, _readers) = (writer, readers);

    /// <summary>Held by nobody.</summary>
    public static SharedState Free { get; } = new(Holder.Nobody, []);

    /// <summary>Who writes.</summary>
    public Holder Writer { get; }

    /// <summary>Who reads, in order; a process stands there once for each time that it acquired.</summary>
    public IReadOnlyList<long> Readers => _readers;

    /// <summary>With a writer, or without.</summary>
    public SharedState WithWriter(Holder writer) => new(writer, _readers);

    /// <summary>With a reader more.</summary>
    public SharedState WithReader(long process) => new(Writer, [.. _readers.Append(process).Order()]);

    /// <summary>With a reader less; itself when it does not read.</summary>
    public SharedState WithoutReader(long process) =>
        Array.IndexOf(_readers, process) is >= 0 and var at
            ? new(Writer, [.. _readers[..at], .. _readers[(at + 1)..]])
            : this;

    /// <inheritdoc/>
    public bool Equals(SharedState? other) =>
        other is not null && Writer == other.Writer && _readers.AsSpan().SequenceEqual(other._readers);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SharedState);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Writer);
        foreach (var reader in _readers)
        {
            hash.Add(reader);
        }
        return hash.ToHashCode();
    }

    /// <summary>Who, for people.</summary>
    public override string ToString() =>
        Writer.IsThere ? $"written by {Writer}"
        : _readers.Length > 0 ? $"read by processes {string.Join(", ", _readers)}"
        : "free";
}
