namespace Muster.Testing;

/// <summary>What a <see cref="Value"/> is.</summary>
public enum ValueKind
{
    /// <summary>Nothing: an absent value.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A number, of any size and precision.</summary>
    Number,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A list of values: a cas's pair, or what a set was seen to hold.</summary>
    List,
}
