using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Muster.Client;

/// <summary>
/// What content may have, and what it has on the wire. The services refuse the same; but a message that the
/// broker does not take would never reach them, and be sent again and again.
/// </summary>
internal static class Sizes
{
    public const int MaxNameCharacters = 128;
    public const int MaxKeyBytes = 512;
    public const int MaxValueBytes = 256 * 1024;
    public const int MaxStateBytes = 256 * 1024;
    public const int MaxElectionValueCharacters = 1_024;
    public const int MaxMetadataBytes = 8 * 1024;
    public const int MaxTags = 64;
    public const int MaxTagCharacters = 128;

    public static void ThrowIfAbove(string what, long size, long most, string unit, string parameter)
    {
        if (size > most)
        {
            throw new ArgumentException($"The {what} has {size} {unit}, at most {most}.", parameter);
        }
    }

    /// <summary>A service's name, or what one begins with.</summary>
    /// <exception cref="ArgumentException">Null, no text, or longer than any.</exception>
    public static void CheckService(
        string name, [CallerArgumentExpression(nameof(name))] string? parameter = null)
    {
        GivenText.Check(name, parameter);
        ThrowIfAbove(parameter!, name.Length, MaxNameCharacters, "characters", parameter!);
    }

    /// <summary>A key of the configuration, or what one begins with.</summary>
    /// <exception cref="ArgumentException">Null, no text, or longer than any.</exception>
    public static void CheckKey(
        string key, [CallerArgumentExpression(nameof(key))] string? parameter = null)
    {
        GivenText.Check(key, parameter);
        ThrowIfAbove(parameter!, BytesOf(key), MaxKeyBytes, "bytes of UTF-8", parameter!);
    }

    /// <exception cref="ArgumentException">
    /// Its names, metadata or tags are above what a registry takes, or one of its fields is null or no text.
    /// </exception>
    public static void Check(ServiceRegistration registration, string parameter)
    {
        GivenText.ThrowIfNull(nameof(registration.Tags), registration.Tags, parameter);
        GivenText.ThrowIfNull(nameof(registration.Metadata), registration.Metadata, parameter);
        foreach (var (field, text) in Texts(registration))
        {
            GivenText.CheckField(field, text, parameter);
        }
        foreach (var name in (string[])[registration.Service, registration.InstanceId ?? ""])
        {
            ThrowIfAbove("name", name.Length, MaxNameCharacters, "characters", parameter);
        }
        ThrowIfAbove(
            "metadata", registration.Metadata.Sum(pair => (long)BytesOf(pair.Key) + BytesOf(pair.Value)),
            MaxMetadataBytes, "bytes of UTF-8", parameter);
        ThrowIfAbove("instance", registration.Tags.Count, MaxTags, "tags", parameter);
        foreach (var tag in registration.Tags)
        {
            ThrowIfAbove("tag", tag.Length, MaxTagCharacters, "characters", parameter);
        }
    }

    /// <summary>
    /// Escaped, as JSON has it: all that is left is ASCII, and what is no text is a replacement character's
    /// escape. So it throws nothing.
    /// </summary>
    public static int OnWire(string text) => JavaScriptEncoder.Default.Encode(text).Length;

    public static int OnWire(byte[] bytes) => Base64.GetMaxEncodedToUtf8Length(bytes.Length);

    public static int OnWire(ServiceRegistration registration) =>
        Texts(registration).Sum(text => OnWire(text.Text));

    private static IEnumerable<(string Field, string Text)> Texts(ServiceRegistration registration) =>
    [
        (nameof(registration.Service), registration.Service),
        (nameof(registration.InstanceId), registration.InstanceId ?? ""),
        (nameof(registration.Scheme), registration.Scheme),
        (nameof(registration.Host), registration.Host),
        (nameof(registration.Zone), registration.Zone),
        .. registration.Tags.Select((tag, number) => ($"Tags[{number}]", tag)),
        .. registration.Metadata.Select(pair => ("A key of Metadata", pair.Key)),
        .. registration.Metadata.Select(pair => ($"Metadata[{pair.Key}]", pair.Value)),
    ];

    private static int BytesOf(string text) => Encoding.UTF8.GetByteCount(text);
}
