using System.Text;

namespace OrleansDfs.S3;

/// <summary>A text with wildcards: <c>*</c> any run of characters, <c>?</c> one character.</summary>
/// <remarks>Invariant: only the policy's author writes wildcards. What a policy variable puts in is literal, so no user's name or prefix can widen a
/// pattern.</remarks>
internal sealed class PolicyPattern
{
    private readonly string _text;
    private readonly bool[] _wild;
    private readonly StringComparison _comparison;

    private PolicyPattern(string text, bool[] wild, StringComparison comparison) => (_text, _wild, _comparison) = (text, wild, comparison);

    /// <param name="values">Values of policy variables; <c>null</c> for a policy of a version without them.</param>
    /// <returns><c>null</c>: a variable has no value, and then nothing matches (IAM, "Policy variables").</returns>
    public static PolicyPattern? Compile(string source, Func<string, IReadOnlyList<string>?>? values, bool wildcards = true, bool ignoreCase = false)
    {
        var text = new StringBuilder(source.Length);
        var wild = new List<bool>(source.Length);
        for (var i = 0; i < source.Length; i++)
        {
            if (values is not null && source[i] == '$' && i + 1 < source.Length && source[i + 1] == '{' && source.IndexOf('}', i) is var end and > 0)
            {
                if (Resolve(source[(i + 2)..end], values) is not { } value) return null;
                text.Append(value);
                wild.AddRange(Enumerable.Repeat(false, value.Length));
                i = end;
                continue;
            }
            text.Append(source[i]);
            wild.Add(wildcards && (source[i] is '*' or '?'));
        }
        return new PolicyPattern(text.ToString(), [.. wild], ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    }

    public static bool Matches(string pattern, string text, bool ignoreCase = false) => Compile(pattern, null, true, ignoreCase)!.Matches(text);

    /// <summary>Goes back to the last <c>*</c> only, so the work is at most the product of the lengths.</summary>
    public bool Matches(string text)
    {
        int at = 0, pattern = 0, star = -1, resume = 0;
        while (at < text.Length)
        {
            if (pattern < _text.Length && _wild[pattern] && _text[pattern] == '*')
            {
                (star, resume) = (pattern++, at);
            }
            else if (pattern < _text.Length && (_wild[pattern] || Same(_text[pattern], text[at])))
            {
                pattern++;
                at++;
            }
            else if (star >= 0)
            {
                pattern = star + 1;
                at = ++resume;
            }
            else return false;
        }
        while (pattern < _text.Length && _wild[pattern] && _text[pattern] == '*') pattern++;
        return pattern == _text.Length;
    }

    private bool Same(char a, char b) =>
        a == b || (_comparison == StringComparison.OrdinalIgnoreCase && char.ToUpperInvariant(a) == char.ToUpperInvariant(b));

    /// <summary><c>${*}</c>, <c>${?}</c> and <c>${$}</c> are those characters themselves; <c>${key, 'text'}</c> has a default.</summary>
    private static string? Resolve(string variable, Func<string, IReadOnlyList<string>?> values)
    {
        if (variable is "*" or "?" or "$") return variable;
        var comma = variable.IndexOf(',');
        var name = (comma < 0 ? variable : variable[..comma]).Trim();
        if (values(name) is [var only]) return only;
        if (comma < 0) return null;
        var fallback = variable[(comma + 1)..].Trim();
        return fallback is ['\'', .. var inner, '\''] ? inner : null;
    }
}
