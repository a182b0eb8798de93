using System.Globalization;
using Muster.Contracts.Registry;

namespace Muster.Views;

/// <summary>
/// A view as Redis keeps it, with the whole life that its writer gave it. Whoever may write to Redis may
/// write anything: only what a registry can have written is one.
/// </summary>
internal sealed record KeptView(ServiceView View, long TtlMilliseconds)
{
    /// <summary>More than the longest <c>Registry:ViewTtl</c>; its age is no time that overflows.</summary>
    private const long MaxTtlMilliseconds = 24 * 60 * 60 * 1_000;

    /// <summary>Null: it is no view of this service.</summary>
    public static KeptView? Read(string service, byte[] json, string? ttl) =>
        ViewJson.Read<ServiceView>(json) is { } view && view.Service == service
        && view.Instances.All(instance => (object?)instance is not null) // JSON may have null in a list
        && long.TryParse(ttl, CultureInfo.InvariantCulture, out var milliseconds)
        && milliseconds is > 0 and <= MaxTtlMilliseconds
            ? new(view, milliseconds)
            : null;

    /// <summary>
    /// The view with its age, by what is left of its life. Null: more than all of it, as where Redis' clock
    /// went back; then nobody knows how old it is.
    /// </summary>
    public StoredView? WithLeft(long milliseconds) => milliseconds > TtlMilliseconds ? null
        : new StoredView { View = View, Age = TimeSpan.FromMilliseconds(TtlMilliseconds - milliseconds) };
}
