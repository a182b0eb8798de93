namespace Muster.Recovery.Executing;

/// <summary>
/// The points between which an executor may die, in their order. A recovery must finish, and fence before it
/// promotes, wherever that happens.
/// </summary>
public static class ExecutionPoints
{
    public const string BeforeClaim = "before-claim";
    public const string AfterClaim = "after-claim";
    public const string BeforeBreak = "before-break";
    public const string AfterBreak = "after-break";
    public const string BeforeReport = "before-report";
    public const string AfterReport = "after-report";

    public static IReadOnlyList<string> All { get; } =
        [BeforeClaim, AfterClaim, BeforeBreak, AfterBreak, BeforeReport, AfterReport];
}
