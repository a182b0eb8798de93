using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Muster.Conventions.Tests;

/// <summary>
/// Writes contracts down as text: what senders and receivers of other versions and languages rely on.
/// </summary>
internal static class ContractShapes
{
    /// <summary>The types of an assembly that cross the bus, messages and their parts.</summary>
    public static IReadOnlyList<Type> ContractsOf(Assembly assembly) =>
        [.. assembly.GetExportedTypes()
            .Where(type => !typeof(JsonConverter).IsAssignableFrom(type)
                && !typeof(JsonSerializerContext).IsAssignableFrom(type)
                && !(type is { IsAbstract: true, IsSealed: true }))
            .OrderBy(type => type.FullName, StringComparer.Ordinal)];

    public static string Describe(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (var type in types)
        {
            text.Append(CultureInfo.InvariantCulture, $"{type.FullName}{Kind(type)}\n");
            foreach (var line in Members(type))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {line}\n");
            }
        }
        return text.ToString();
    }

    private static string Kind(Type type) =>
        type.IsEnum ? " (enum)"
        : type.IsValueType
            ? $" (value, default on the wire: {JsonSerializer.Serialize(Activator.CreateInstance(type))})"
        : type.IsAbstract ? " (abstract)"
        : "";

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name =>
                $"{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}");
        }
        var nullability = new NullabilityInfoContext();
        return type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => $"{property.Name}: {Name(property.PropertyType)}{Mark(property)}");

        string Mark(PropertyInfo property) =>
            !property.PropertyType.IsValueType
            && nullability.Create(property).ReadState == NullabilityState.Nullable ? "?" : "";
    }

    private static string Name(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? Name(inner) + "?"
        : type.IsArray ? Name(type.GetElementType()!) + "[]"
        : type.IsGenericType
            ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
            : type.Name;
}
