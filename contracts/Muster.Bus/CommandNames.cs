using System.Linq.Expressions;

namespace Muster.Bus;

/// <summary>
/// The names of a batch's commands for people and telemetry: <c>muster.lock/AcquireLock</c> is the property
/// that is set of a one-of contract of the namespace Lock.
/// </summary>
public static class CommandNames
{
    /// <summary>Service and kind; <c>muster.lock</c> alone for a command of no kind.</summary>
    public static string Of<TCommand>(TCommand command)
        where TCommand : class
    {
        foreach (var (name, read) in OneOf<TCommand>.Kinds)
        {
            if (read(command) is not null)
            {
                return name;
            }
        }
        return OneOf<TCommand>.Service;
    }

    private static class OneOf<TCommand>
        where TCommand : class
    {
        public static readonly string Service =
            "muster." + typeof(TCommand).Namespace!.Split('.')[^1].ToLowerInvariant();

        public static readonly (string Name, Func<TCommand, object?> Read)[] Kinds =
        [
            .. typeof(TCommand).GetProperties()
                .Where(property => BusJson.IsContract(BusJson.TypeName(property.PropertyType)))
                .Select(property => ($"{Service}/{property.Name}", Reader(property.Name))),
        ];

        private static Func<TCommand, object?> Reader(string property)
        {
            var command = Expression.Parameter(typeof(TCommand));
            return Expression.Lambda<Func<TCommand, object?>>(
                Expression.Property(command, property), command).Compile();
        }
    }
}
