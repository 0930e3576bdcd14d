namespace OrleansDfs.Abstractions.Surrogates;

/// <summary>
/// Model speaks of read-only lists; the wire has arrays. What already is an array or a dictionary is passed on as it is: messages are immutable.
/// </summary>
internal static class Copies
{
    public static T[] Array<T>(IReadOnlyList<T> list) => list as T[] ?? [.. list];

    public static Dictionary<string, string> Dictionary(IReadOnlyDictionary<string, string> map) =>
        map as Dictionary<string, string> ?? new Dictionary<string, string>(map);
}
