using System.Globalization;
using System.Net;

namespace OrleansDfs.S3;

internal enum ConditionSet
{
    None,
    AnyValue,
    AllValues,
}

/// <summary>One key of one operator of a statement's Condition (AWS, "IAM JSON policy elements: Condition operators").</summary>
/// <param name="Test">The operator without its set, its "Not" and its "IfExists".</param>
/// <param name="Values">As written: one of them must match, or, negated, none may.</param>
internal sealed record PolicyCondition(ConditionTest Test, bool Negated, bool IfExists, ConditionSet Set, string Key, IReadOnlyList<string> Values)
{
    public bool Holds(Func<string, IReadOnlyList<string>?> context, bool variables)
    {
        var actual = context(Key);
        var exists = actual is { Count: > 0 };
        if (Test == ConditionTest.Null) return Values.Any(wanted => bool.Parse(wanted) != exists);
        if (!exists) return IfExists || Set == ConditionSet.AllValues || (Negated && Set == ConditionSet.None);
        var matches = (string value) => Values.Any(wanted => ConditionTests.Matches(Test, wanted, value, variables ? context : null)) != Negated;
        return Set switch
        {
            ConditionSet.AllValues => actual!.All(matches),
            ConditionSet.AnyValue => actual!.Any(matches),
            _ => Negated ? actual!.All(matches) : actual!.Any(matches),
        };
    }
}

internal enum ConditionTest
{
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    NumericEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    BinaryEquals,
    IpAddress,
    ArnLike,
    Null,
}

internal static class ConditionTests
{
    /// <summary>Reads an operator with its prefix and suffix.</summary>
    public static bool TryParse(string name, out ConditionTest test, out bool negated, out bool ifExists, out ConditionSet set)
    {
        (test, negated, ifExists, set) = (default, false, false, ConditionSet.None);
        if (TryCut(ref name, "ForAnyValue:", atStart: true)) set = ConditionSet.AnyValue;
        else if (TryCut(ref name, "ForAllValues:", atStart: true)) set = ConditionSet.AllValues;
        ifExists = TryCut(ref name, "IfExists", atStart: false);
        if (name.Equals("Null", StringComparison.OrdinalIgnoreCase) && (ifExists || set != ConditionSet.None)) return false;
        (name, negated) = name.ToLowerInvariant() switch
        {
            "stringnotequals" => ("StringEquals", true),
            "stringnotequalsignorecase" => ("StringEqualsIgnoreCase", true),
            "stringnotlike" => ("StringLike", true),
            "numericnotequals" => ("NumericEquals", true),
            "datenotequals" => ("DateEquals", true),
            "notipaddress" => ("IpAddress", true),
            "arnnotlike" or "arnnotequals" => ("ArnLike", true),
            "arnequals" => ("ArnLike", false), // the two are the same (AWS)
            _ => (name, false),
        };
        return char.IsAsciiLetter(name.FirstOrDefault()) && Enum.TryParse(name, ignoreCase: true, out test);
    }

    /// <summary>Whether a value that a policy gives can be compared at all.</summary>
    public static bool IsValid(ConditionTest test, string value)
    {
        if (value.Contains("${", StringComparison.Ordinal)) return test is ConditionTest.StringEquals or ConditionTest.StringEqualsIgnoreCase
            or ConditionTest.StringLike or ConditionTest.ArnLike;
        return test switch
        {
            >= ConditionTest.NumericEquals and <= ConditionTest.NumericGreaterThanEquals => Number(value) is not null,
            >= ConditionTest.DateEquals and <= ConditionTest.DateGreaterThanEquals => Date(value) is not null,
            ConditionTest.Bool or ConditionTest.Null => bool.TryParse(value, out _),
            ConditionTest.IpAddress => Network(value) is not null,
            _ => true,
        };
    }

    /// <param name="wanted">The policy's value.</param>
    /// <param name="actual">The request's value; one that cannot be read as what the operator compares matches nothing.</param>
    /// <param name="variables">Values of policy variables, or <c>null</c> where there are none.</param>
    public static bool Matches(ConditionTest test, string wanted, string actual, Func<string, IReadOnlyList<string>?>? variables) => test switch
    {
        ConditionTest.StringEquals or ConditionTest.BinaryEquals =>
            PolicyPattern.Compile(wanted, variables, wildcards: false)?.Matches(actual) == true,
        ConditionTest.StringEqualsIgnoreCase => PolicyPattern.Compile(wanted, variables, wildcards: false, ignoreCase: true)?.Matches(actual) == true,
        ConditionTest.StringLike or ConditionTest.ArnLike => PolicyPattern.Compile(wanted, variables)?.Matches(actual) == true,
        ConditionTest.Bool => bool.TryParse(actual, out var value) && value == bool.Parse(wanted),
        ConditionTest.IpAddress => IPAddress.TryParse(actual, out var address) && Network(wanted)!.Value.Contains(address),
        >= ConditionTest.DateEquals and <= ConditionTest.DateGreaterThanEquals =>
            Date(actual) is { } date && Compares(test - ConditionTest.DateEquals, date.CompareTo(Date(wanted)!.Value)),
        _ => Number(actual) is { } number && Compares(test - ConditionTest.NumericEquals, number.CompareTo(Number(wanted)!.Value)),
    };

    private static bool Compares(int kind, int order) => kind switch
    {
        0 => order == 0,
        1 => order < 0,
        2 => order <= 0,
        3 => order > 0,
        _ => order >= 0,
    };

    private static decimal? Number(string text) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            ? value : null;

    /// <summary>ISO 8601, or seconds since 1970.</summary>
    private static DateTimeOffset? Date(string text)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            return seconds is > -62_000_000_000 and < 200_000_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;
    }

    /// <summary>An address, or a range in CIDR form; bits behind the prefix are allowed, as AWS does.</summary>
    internal static IPNetwork? Network(string text)
    {
        var slash = text.IndexOf('/');
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address)) return null;
        var bytes = address.GetAddressBytes();
        var length = bytes.Length * 8;
        if (slash >= 0
            && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bytes.Length * 8))
            return null;
        for (var bit = length; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(bytes), length);
    }

    private static bool TryCut(ref string name, string part, bool atStart)
    {
        if (!(atStart ? name.StartsWith(part, StringComparison.OrdinalIgnoreCase) : name.EndsWith(part, StringComparison.OrdinalIgnoreCase)))
            return false;
        name = atStart ? name[part.Length..] : name[..^part.Length];
        return true;
    }
}
