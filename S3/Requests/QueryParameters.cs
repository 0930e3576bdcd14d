using System.Text;

namespace OrleansDfs.S3;

/// <summary>The query of a request target: decoded names and values in the order received, repeats kept.</summary>
public sealed class QueryParameters
{
    public static readonly QueryParameters Empty = new([]);

    private readonly List<KeyValuePair<string, string>> _pairs;

    private QueryParameters(List<KeyValuePair<string, string>> pairs) => _pairs = pairs;

    public IReadOnlyList<KeyValuePair<string, string>> Pairs => _pairs;

    /// <summary>The first value of this name (names are case-sensitive), empty for a name alone, or <c>null</c>.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var (pairName, value) in _pairs)
                if (pairName == name) return value;
            return null;
        }
    }

    public bool Contains(string name) => this[name] is not null;

    /// <exception cref="S3Exception">InvalidURI: a bad escape, or not UTF-8.</exception>
    public static QueryParameters Parse(ReadOnlySpan<char> raw)
    {
        if (raw.IsEmpty) return Empty;
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var part in raw.Split('&'))
        {
            var pair = raw[part];
            if (pair.IsEmpty) continue;
            var equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals];
            var value = equals < 0 ? [] : pair[(equals + 1)..];
            pairs.Add(new(PercentEncoding.Decode(name, plusIsSpace: true), PercentEncoding.Decode(value, plusIsSpace: true)));
        }
        return new QueryParameters(pairs);
    }

    /// <summary>SigV4's canonical query: every name and value encoded once, sorted by encoded name, then value.</summary>
    /// <param name="without">A parameter to leave out: a presigned request's signature is not over itself.</param>
    public string Canonical(string? without = null)
    {
        if (_pairs.Count == 0) return "";
        var encoded = new List<(string Name, string Value)>(_pairs.Count);
        foreach (var (name, value) in _pairs)
            if (name != without) encoded.Add((PercentEncoding.Encode(name, keepSlash: false), PercentEncoding.Encode(value, keepSlash: false)));
        encoded.Sort(static (a, b) =>
            string.CompareOrdinal(a.Name, b.Name) is var byName && byName != 0 ? byName : string.CompareOrdinal(a.Value, b.Value));
        var builder = new StringBuilder();
        foreach (var (name, value) in encoded)
        {
            if (builder.Length > 0) builder.Append('&');
            builder.Append(name).Append('=').Append(value);
        }
        return builder.ToString();
    }
}
