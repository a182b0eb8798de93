namespace Muster.Load.Floors;

/// <summary>
/// Something below Muster, alone: what Muster is built on cannot be slower than it, so its numbers are
/// compared with these.
/// </summary>
internal interface IFloor : IAsyncDisposable
{
    /// <summary>One operation of one of its lanes; a lane has one at a time.</summary>
    Task OnceAsync(int lane);
}
