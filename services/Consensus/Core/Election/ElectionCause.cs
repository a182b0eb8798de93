using System.Text.Json.Serialization;

namespace Muster.Consensus.Core;

/// <summary>What made a node stand.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ElectionCause>))]
public enum ElectionCause
{
    /// <summary>It has known no leader since it was started.</summary>
    Start,

    /// <summary>It had not heard its leader for an election timeout, or had lost its own majority.</summary>
    Silence,

    /// <summary>The broker said that the leader's connection is gone.</summary>
    Hint,

    /// <summary>The leader told it to.</summary>
    Handover,
}
