using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using OrleansDfs.Model;

namespace OrleansDfs.S3.Tests.Payload;

/// <summary>Makes aws-chunked bodies as clients do, and reads them through the library.</summary>
internal static class ChunkedBody
{
    public static readonly DateTimeOffset Time = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    public static readonly byte[] Key = SigningKey.Derive("secret", "20260102", "us-east-1", "s3");

    private static readonly SigningScope Scope = new("20260102", "us-east-1", "s3");

    public static ChunkSigner Signer() => new(Key, "20260102T030405Z", Scope, new string('0', 64));

    public static byte[] Signed(byte[] data, int chunk, (string Name, string Value)? trailer = null)
    {
        var signer = Signer();
        var body = new MemoryStream();
        for (var start = 0; start < data.Length; start += chunk) WriteChunk(body, data.AsSpan(start, Math.Min(chunk, data.Length - start)), signer);
        body.Write(Encoding.ASCII.GetBytes($"0;chunk-signature={signer.NextChunk(SHA256.HashData([]))}\r\n"));
        if (trailer is { } line)
        {
            var signature = signer.Trailer(SHA256.HashData(Encoding.ASCII.GetBytes($"{line.Name}:{line.Value}\n")));
            body.Write(Encoding.ASCII.GetBytes($"{line.Name}:{line.Value}\r\nx-amz-trailer-signature:{signature}\r\n"));
        }
        body.Write("\r\n"u8);
        return body.ToArray();
    }

    public static byte[] Unsigned(byte[] data, int chunk, string trailer)
    {
        var body = new MemoryStream();
        for (var start = 0; start < data.Length; start += chunk) WriteChunk(body, data.AsSpan(start, Math.Min(chunk, data.Length - start)), null);
        body.Write(Encoding.ASCII.GetBytes($"0\r\n{trailer}\r\n"));
        return body.ToArray();
    }

    /// <summary>A source that hands the body out in pieces of <paramref name="piece"/> bytes, one segment each.</summary>
    public static PipeReader Source(byte[] body, int piece)
    {
        var stream = new PieceStream(body, piece);
        return PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64, minimumReadSize: 1));
    }

    public static async Task<byte[]> ReadAll(PipeReader reader)
    {
        var all = new MemoryStream();
        while (true)
        {
            var read = await reader.ReadAsync();
            foreach (var segment in read.Buffer) all.Write(segment.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return all.ToArray();
        }
    }

    public static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    private static void WriteChunk(MemoryStream body, ReadOnlySpan<byte> data, ChunkSigner? signer)
    {
        var extension = signer is null ? "" : ";chunk-signature=" + signer.NextChunk(SHA256.HashData(data));
        body.Write(Encoding.ASCII.GetBytes(data.Length.ToString("x", CultureInfo.InvariantCulture) + extension + "\r\n"));
        body.Write(data);
        body.Write("\r\n"u8);
    }

    private sealed class PieceStream(byte[] body, int piece) : MemoryStream(body)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
