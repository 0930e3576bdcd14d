using System.Buffers;

namespace OrleansDfs.S3;

/// <summary>The body of an error answer. A HEAD answer has none.</summary>
public static class ErrorDocument
{
    /// <param name="resource">The path that was asked for, decoded.</param>
    /// <param name="hostId">Value of <c>x-amz-id-2</c>.</param>
    public static void Write(IBufferWriter<byte> output, S3Error error, string resource, string requestId, string hostId)
    {
        var xml = new XmlOutput(output);
        xml.Declaration();
        xml.Start("Error");
        xml.Element("Code", error.Code.Code);
        xml.Element("Message", error.Message);
        foreach (var (name, value) in error.Details) xml.Element(name, value);
        xml.Element("Resource", resource);
        xml.Element("RequestId", requestId);
        xml.Element("HostId", hostId);
        xml.End("Error");
        xml.Flush();
    }
}
