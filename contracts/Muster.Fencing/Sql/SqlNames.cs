using System.Text.RegularExpressions;

namespace Muster.Fencing;

/// <summary>Names that go into statements as they are.</summary>
internal static partial class SqlNames
{
    public static void Check(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (!Plain().IsMatch(name))
            {
                throw new ArgumentException($"'{name}' is no plain name of a table or column.");
            }
        }
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?\z")]
    private static partial Regex Plain();
}
