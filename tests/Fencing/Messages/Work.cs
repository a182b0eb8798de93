namespace Muster.Fencing.Tests.Messages;

/// <summary>What a holder orders.</summary>
public sealed record DoWork(int Number);

/// <summary>What came of it.</summary>
public sealed record WorkDone(int Number);
