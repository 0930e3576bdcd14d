using System.Globalization;
using System.Text;
using OrleansDfs.S3;

namespace OrleansDfs.Conformance.Tests.Protocol;

/// <summary>One request for each operation of S3, built from the operation table, so that a new operation is in every row of the security matrix at
/// once.</summary>
static class Routes
{
    public static readonly IReadOnlyList<Operation> All = [.. OperationTable.All.Where(o => o.AliasOf is null)];

    /// <summary>All but preflights, which have no credentials.</summary>
    public static IEnumerable<Operation> Signed => All.Where(o => o.Method != "OPTIONS");

    public static string Target(this Operation operation, string bucket)
    {
        var path = operation.Level switch
        {
            ResourceLevel.Service => "/",
            ResourceLevel.Bucket => $"/{bucket}",
            _ => $"/{bucket}/k",
        };
        var query = new List<string>();
        if (operation.Subresource is { } name) query.Add(operation.SubresourceValue is { } value ? $"{name}={value}" : name is "uploadId"
            ? "uploadId=x" : name);
        if (operation.Parameter is { } parameter) query.Add($"{parameter}=1");
        return query.Count == 0 ? path : $"{path}?{string.Join('&', query)}";
    }

    /// <summary>Headers that it needs, with the length of its body.</summary>
    public static List<(string Name, string Value)> Headers(this Operation operation, string bucket, int length = 0)
    {
        var headers = new List<(string, string)>();
        if (operation.Method is "PUT" or "POST") headers.Add(("content-length", length.ToString(CultureInfo.InvariantCulture)));
        if (operation.Header is { } header) headers.Add((header, header == "x-amz-copy-source" ? $"/{bucket}/k" : "x"));
        return headers;
    }

    /// <summary>The same without a signature.</summary>
    public static string Anonymous(this Operation operation, string target, string bucket, string host)
    {
        var lines = string.Concat(operation.Headers(bucket).Select(h => $"{h.Name}: {h.Value}\r\n"));
        return $"{operation.Method} {target} HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n";
    }

    /// <summary>Everything that root can see of a bucket, as one text: the same before and after means that nothing was changed.</summary>
    public static async Task<string> Picture(S3Server server, string bucket)
    {
        var picture = new StringBuilder();
        var reads = All.Where(o => o is { Method: "GET", Parameter: null } && o.Level != ResourceLevel.Service).Select(o => o.Target(bucket));
        foreach (var target in reads)
        {
            var answer = await server.Raw(server.Signer.Head("GET", target));
            var text = answer.Text.Split("<RequestId>")[0];
            picture.Append(CultureInfo.InvariantCulture,
                $"{target}: {answer.Status} {answer.Header("ETag")} {answer.Header("Last-Modified")} {text}\n");
        }
        return picture.ToString();
    }
}
