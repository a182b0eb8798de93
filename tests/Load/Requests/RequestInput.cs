using Muster.Bus;

namespace Muster.Load.Requests;

/// <summary>What the one loop of a request load is fed with.</summary>
internal abstract record RequestInput;

internal sealed record AnswerCame(LinkMessage Message) : RequestInput;

/// <summary>Operations that are due by their rate.</summary>
internal sealed record OperationsDue(int Count, long Since) : RequestInput;

/// <summary>Time to look for what was never answered.</summary>
internal sealed record SweepDue : RequestInput;

internal sealed record StopAsked : RequestInput;

/// <summary>A message on its way: when each of its operations began, and when it was sent.</summary>
internal sealed record Underway(long[] Since, long SentAt);
