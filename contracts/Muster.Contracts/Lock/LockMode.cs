using System.Text.Json.Serialization;

namespace Muster.Contracts.Lock;

/// <summary>How a name is held. All modes queue in one line: first come, first served.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LockMode>))]
public enum LockMode
{
    /// <summary>Alone.</summary>
    Exclusive,

    /// <summary>
    /// Beside other shared holders and one upgradeable one. A waiter of another mode stops later shared ones.
    /// </summary>
    Shared,

    /// <summary>
    /// Beside shared holders, and the only one that may become exclusive by <see cref="UpgradeLock"/>.
    /// </summary>
    Upgradeable,

    /// <summary>
    /// A semaphore: so many permits of so many. A name is a semaphore, of one size, for as long as anybody
    /// holds or waits for it.
    /// </summary>
    Permits,
}
