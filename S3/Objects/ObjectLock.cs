using System.Buffers;
using System.Globalization;
using OrleansDfs.Model;

namespace OrleansDfs.S3;

/// <summary>A bucket's Object Lock configuration as it was written: years stay years when it is shown.</summary>
public sealed record ObjectLockRule(RetentionMode Mode, int? Days, int? Years)
{
    /// <summary>AWS: a year is 365 days.</summary>
    public RetentionPeriod Period => new(Mode, Days ?? (Years!.Value * 365));
}

/// <summary>
/// S3 Object Lock in headers and documents (AWS, "Locking objects with Object Lock"). What it means is decided by the catalog.
/// </summary>
public static class ObjectLock
{
    public const string ModeHeader = "x-amz-object-lock-mode";
    public const string UntilHeader = "x-amz-object-lock-retain-until-date";
    public const string HoldHeader = "x-amz-object-lock-legal-hold";
    public const string BypassHeader = "x-amz-bypass-governance-retention";
    public const int MaxBytes = 16 * 1024;

    /// <summary>AWS: 100 years.</summary>
    private const int MaxDays = 36500;
    private const int MaxYears = 100;

    /// <summary>The request says something about the lock of what it writes.</summary>
    public static bool IsAsked(RequestHeaders headers) =>
        headers.Contains(ModeHeader) || headers.Contains(UntilHeader) || headers.Contains(HoldHeader);

    /// <summary>Retention and legal hold that a PutObject, CopyObject or CreateMultipartUpload asks for.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static (Retention? Retention, bool? LegalHold) ReadHeaders(RequestHeaders headers, DateTimeOffset now)
    {
        var (mode, until) = (headers[ModeHeader], headers[UntilHeader]);
        if (mode is null != until is null)
            throw S3Exception.InvalidArgument(
                $"{UntilHeader} and {ModeHeader} must both be supplied", mode is null ? ModeHeader : UntilHeader, "null");
        Retention? retention = null;
        if (mode is not null)
        {
            var future = Future(ParseDate(until!), until!, UntilHeader, now); // AWS looks at the date first
            retention = new Retention(ParseMode(mode) ?? throw S3Exception.InvalidArgument("Unknown wormMode directive.", ModeHeader, mode), future);
        }
        return (retention, headers[HoldHeader] switch
        {
            null => null,
            "ON" => true,
            "OFF" => false,
            var other => throw S3Exception.InvalidArgument("Legal Hold must be either of 'ON' or 'OFF'", HoldHeader, other),
        });
    }

    /// <summary>AWS reads anything but "true" as not asked.</summary>
    public static bool ReadBypass(RequestHeaders headers) => "true".Equals(headers[BypassHeader], StringComparison.OrdinalIgnoreCase);

    /// <summary>The headers that GetObject and HeadObject show.</summary>
    public static void Write(FileProperties properties, Action<string, string> set)
    {
        if (properties.Retention is { } retention)
        {
            set(ModeHeader, Name(retention.Mode));
            set(UntilHeader, Text(retention.Until));
        }
        if (properties.LegalHold is { } hold) set(HoldHeader, hold ? "ON" : "OFF");
    }

    /// <returns><c>null</c>: the lock is on, without a default retention.</returns>
    /// <exception cref="S3Exception">MalformedXML, InvalidArgument.</exception>
    public static ObjectLockRule? ParseConfiguration(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "ObjectLockConfiguration"));
        if (fields.Token("ObjectLockEnabled") != "Enabled") throw XmlNode.Malformed();
        var rule = fields.Optional("Rule");
        fields.End();
        if (rule is null) return null;
        var ruleFields = new XmlFields(rule);
        var retention = new XmlFields(ruleFields.Required("DefaultRetention"));
        ruleFields.End();
        var mode = ParseMode(retention.Token("Mode")) ?? throw XmlNode.Malformed();
        var days = Count(ref retention, "Days", MaxDays);
        var years = Count(ref retention, "Years", MaxYears);
        retention.End();
        if (days is null == years is null) throw XmlNode.Malformed(); // one of the two, not both
        return new ObjectLockRule(mode, days, years);
    }

    public static void WriteConfiguration(IBufferWriter<byte> output, ObjectLockRule? rule)
    {
        var xml = new XmlOutput(output);
        xml.Root("ObjectLockConfiguration");
        xml.Element("ObjectLockEnabled", "Enabled");
        if (rule is not null)
        {
            xml.Start("Rule");
            xml.Start("DefaultRetention");
            xml.Element("Mode", Name(rule.Mode));
            if (rule.Days is { } days) xml.Element("Days", days);
            if (rule.Years is { } years) xml.Element("Years", years);
            xml.End("DefaultRetention");
            xml.End("Rule");
        }
        xml.End("ObjectLockConfiguration");
        xml.Flush();
    }

    /// <returns><c>null</c> for an empty document, which takes a retention away.</returns>
    /// <exception cref="S3Exception">MalformedXML; InvalidArgument for a time that is over.</exception>
    public static Retention? ParseRetention(ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "Retention"));
        var (mode, until) = (fields.Token("Mode"), fields.Token("RetainUntilDate"));
        fields.End();
        if (mode is null && until is null) return null;
        if (mode is null || until is null) throw XmlNode.Malformed();
        return new Retention(ParseMode(mode) ?? throw XmlNode.Malformed(),
            Future(ParseDate(until), until, "RetainUntilDate", now, XmlNode.Malformed));
    }

    public static void WriteRetention(IBufferWriter<byte> output, Retention retention)
    {
        var xml = new XmlOutput(output);
        xml.Root("Retention");
        xml.Element("Mode", Name(retention.Mode));
        xml.Element("RetainUntilDate", Text(retention.Until));
        xml.End("Retention");
        xml.Flush();
    }

    /// <exception cref="S3Exception">MalformedXML.</exception>
    public static bool ParseLegalHold(ReadOnlySpan<byte> body)
    {
        var fields = new XmlFields(XmlNode.Parse(body, "LegalHold"));
        var status = fields.Token("Status");
        fields.End();
        return status switch { "ON" => true, "OFF" => false, _ => throw XmlNode.Malformed() };
    }

    public static void WriteLegalHold(IBufferWriter<byte> output, bool isOn)
    {
        var xml = new XmlOutput(output);
        xml.Root("LegalHold");
        xml.Element("Status", isOn ? "ON" : "OFF");
        xml.End("LegalHold");
        xml.Flush();
    }

    public static string Text(DateTimeOffset until) => until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Name(RetentionMode mode) => mode == RetentionMode.Compliance ? "COMPLIANCE" : "GOVERNANCE";

    private static RetentionMode? ParseMode(string? text) => text switch
    {
        "GOVERNANCE" => RetentionMode.Governance,
        "COMPLIANCE" => RetentionMode.Compliance,
        _ => null,
    };

    private static int? Count(ref XmlFields fields, string name, int most)
    {
        if (fields.Token(name) is not { } text) return null;
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)) throw XmlNode.Malformed();
        if (count <= 0) throw S3Exception.InvalidArgument("Default retention period must be a positive integer value.", name, text);
        if (count > most) throw S3Exception.InvalidArgument("Default retention period too long.", name, text);
        return count;
    }

    /// <summary>ISO 8601 as the SDKs write it, with or without fractions, in UTC or with an offset.</summary>
    private static DateTimeOffset? ParseDate(string text) =>
        text.Length >= 20 && text[10] == 'T' && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var date)
            ? date.ToUniversalTime() : null;

    private static DateTimeOffset Future(DateTimeOffset? date, string text, string name, DateTimeOffset now, Func<S3Exception>? malformed = null)
    {
        if (date is not { } until)
            throw malformed?.Invoke() ?? S3Exception.InvalidArgument($"The retain until date must be provided in ISO 8601 format", name, text);
        return until > now ? until : throw S3Exception.InvalidArgument("The retain until date must be in the future!", name, text);
    }
}
