using Muster.Client;

namespace Muster.Coordination.Tests.Registry;

/// <summary>
/// One answer to a resolve, at a moment of the monotonic clock. <see cref="Change"/> is the newest of the
/// changes that the writer has numbered, over the service's instances.
/// </summary>
internal sealed record Answer(
    string Service, long At, ResolveSource Source, long Epoch, long Index, TimeSpan Age, long Change,
    int Instances)
{
    public static Answer Of(ResolvedService resolved) => new(
        resolved.Service, TimeProvider.System.GetTimestamp(), resolved.Source, resolved.Epoch,
        resolved.Index.Value, resolved.Age,
        resolved.Instances.Select(ChangeWriter.NumberOf).DefaultIfEmpty().Max(),
        resolved.Instances.Count);
}
