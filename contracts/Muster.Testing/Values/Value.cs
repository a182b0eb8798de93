using System.Globalization;

namespace Muster.Testing;

/// <summary>
/// What operations take and answer: a JSON scalar, or a list of such. Numbers are equal by value (1, 1.0 and
/// 10e-1 are one number, without rounding), strings ordinally, lists item by item. The default is null.
/// </summary>
public readonly struct Value : IEquatable<Value>
{
    // Integers of 64 bits and Booleans: most of what histories hold, compared without touching memory.
    private readonly long _bits;
    // A string, the decimal text of any other number, or a ValueList.
    private readonly object? _content;

    private Value(ValueKind kind, long bits, object? content) =>
        (Kind, _bits, _content) = (kind, bits, content);

    /// <summary>The absent value.</summary>
    public static Value Null => default;

    /// <summary>What this value is.</summary>
    public ValueKind Kind { get; }

    /// <summary>Whether this is the absent value.</summary>
    public bool IsNull => Kind == ValueKind.Null;

    /// <summary>The items of a list; empty for everything else.</summary>
    public IReadOnlyList<Value> Items => List?.Items ?? [];

    internal ValueList? List => _content as ValueList;

    /// <summary>The number as a 64-bit integer; null when it is no number, or not such a one.</summary>
    public long? WholeNumber => Kind == ValueKind.Number && _content is null ? _bits : null;

    /// <summary>The truth value; null when it is none.</summary>
    public bool? Boolean => Kind == ValueKind.Boolean ? _bits != 0 : null;

    /// <summary>The string; null when it is none.</summary>
    public string? Text => Kind == ValueKind.Text ? (string)_content! : null;

    /// <summary>A list of values.</summary>
    public static Value ListOf(params IReadOnlyList<Value> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return new(ValueKind.List, 0, new ValueList([.. items]));
    }

    /// <summary>A number as JSON writes it.</summary>
    /// <exception cref="FormatException">It is no JSON number, or its exponent is beyond 64 bits.</exception>
    public static Value ParseNumber(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return IsWhole(text, out var whole) ? whole
            : DecimalText.Canonical(text) is var canonical && IsWhole(canonical, out whole) ? whole
            : new Value(ValueKind.Number, 0, canonical);

        static bool IsWhole(string text, out long whole) =>
            long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole);
    }

    /// <summary>A string, or null.</summary>
    public static Value FromString(string? text) =>
        text is null ? default : new(ValueKind.Text, 0, text);

    /// <summary>An integer.</summary>
    public static Value FromInt64(long number) => new(ValueKind.Number, number, null);

    /// <summary>True or false.</summary>
    public static Value FromBoolean(bool truth) => new(ValueKind.Boolean, truth ? 1 : 0, null);

    /// <summary>A finite number.</summary>
    public static Value FromDouble(double number) =>
        ParseNumber(number.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>A string, or null.</summary>
    public static implicit operator Value(string? text) => FromString(text);

    /// <summary>An integer.</summary>
    public static implicit operator Value(long number) => FromInt64(number);

    /// <summary>True or false.</summary>
    public static implicit operator Value(bool truth) => FromBoolean(truth);

    /// <summary>A finite number.</summary>
    public static implicit operator Value(double number) => FromDouble(number);

    /// <summary>Whether both are the same value.</summary>
    public static bool operator ==(Value left, Value right) => left.Equals(right);

    /// <summary>Whether they are different values.</summary>
    public static bool operator !=(Value left, Value right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(Value other) =>
        Kind == other.Kind && _bits == other._bits && Equals(_content, other._content);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, _bits, _content);

    /// <summary>The value as JSON.</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.Null => "null",
        ValueKind.Boolean => _bits != 0 ? "true" : "false",
        ValueKind.Number => (string?)_content ?? _bits.ToString(CultureInfo.InvariantCulture),
        ValueKind.Text => ValueJson.Quote((string)_content!),
        _ => $"[{string.Join(',', Items)}]",
    };
}
