namespace Muster.Testing;

/// <summary>An operation put into the order, and what there was before it.</summary>
/// <param name="Operation">
/// Its number among those of known outcome, or the complement among the others.
/// </param>
/// <param name="State">The number of the state before.</param>
/// <param name="Low">The set's lowest before.</param>
/// <param name="High">The set's highest before.</param>
/// <param name="IsForced">Put there without an alternative.</param>
internal readonly record struct Move(int Operation, int State, int Low, int High, bool IsForced)
{
    public bool IsUnknown => Operation < 0;
}
