using System.Globalization;

namespace Muster.Testing;

/// <summary>The models that are there, by name.</summary>
public static class Models
{
    private const string SemaphorePrefix = "semaphore:";

    /// <summary>One of each kind.</summary>
    public static IReadOnlyList<Model> All { get; } =
    [
        new RegisterModel(), new CasRegisterModel(), new WriteOnceModel(), new KeyValueModel(),
        new SetModel(), new QueueModel(),
        new MutexModel(), new OwnerMutexModel(), new FencedMutexModel(), new ReaderWriterModel(),
        new SemaphoreModel(1), new ElectionModel(),
    ];

    /// <summary>The model of that name, with a semaphore's size as in <c>semaphore:3</c>; or null.</summary>
    public static Model? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!name.StartsWith(SemaphorePrefix, StringComparison.Ordinal))
        {
            return All.FirstOrDefault(model => model.Name == name);
        }
        return long.TryParse(name[SemaphorePrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture,
            out var permits) && permits > 0
            ? new SemaphoreModel(permits)
            : null;
    }
}
