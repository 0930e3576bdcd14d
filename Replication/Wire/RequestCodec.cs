using OrleansDfs.Model;

namespace OrleansDfs.Replication.Wire;

/// <summary>A read as it travels.</summary>
public readonly record struct ReadRequest(ReplicaFile File, long Offset, int Length);

/// <summary>A file with a length: truncate and verify.</summary>
public readonly record struct FileLengthRequest(ReplicaFile File, long Length);

/// <summary>Bodies of requests, byte for byte as in docs/formats/wire.md. Append and Replicate are fixed fields with the record behind
/// them.</summary>
public static class RequestCodec
{
    /// <summary>Bytes before the record of an append.</summary>
    public const int AppendFieldsSize = 24;

    /// <summary>Bytes before the record of a replicate.</summary>
    public const int ReplicateFieldsSize = 32;

    private const int MostReplicas = 64;

    public static byte[] Create(CreateRequest request)
    {
        var writer = new WireWriter(256);
        writer.File(request.File);
        writer.I64(request.Incarnation);
        writer.I64(request.Capacity);
        writer.U8((byte)request.Kind);
        writer.U8((byte)request.Role);
        writer.Reserved(2);
        Replicas(ref writer, request.Secondaries);
        return writer.ToArray();
    }

    public static CreateRequest ReadCreate(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var file = reader.File();
        var incarnation = reader.I64();
        var capacity = reader.I64();
        var kind = Kind(reader.U8());
        var role = (ReplicaRole)reader.U8();
        if (role > ReplicaRole.Primary) throw new WireException("Unknown replica role.");
        reader.Reserved(2);
        var secondaries = Replicas(ref reader);
        reader.End();
        return new CreateRequest(file, kind, incarnation, role, capacity, secondaries);
    }

    public static byte[] Append(AppendRequest request)
    {
        var writer = new WireWriter(AppendFieldsSize);
        writer.File(request.File);
        writer.I64(request.Incarnation);
        return writer.ToArray();
    }

    public static AppendRequest ReadAppend(ReadOnlySpan<byte> fields)
    {
        var reader = new WireReader(fields);
        return new AppendRequest(reader.File(), reader.I64());
    }

    public static byte[] Replicate(ReplicateRequest request)
    {
        var writer = new WireWriter(ReplicateFieldsSize);
        writer.File(request.File);
        writer.I64(request.Incarnation);
        writer.I64(request.Offset);
        return writer.ToArray();
    }

    public static ReplicateRequest ReadReplicate(ReadOnlySpan<byte> fields)
    {
        var reader = new WireReader(fields);
        return new ReplicateRequest(reader.File(), reader.I64(), reader.I64());
    }

    /// <summary>Close and delete.</summary>
    public static byte[] File(ReplicaFile file)
    {
        var writer = new WireWriter(16);
        writer.File(file);
        return writer.ToArray();
    }

    public static ReplicaFile ReadFile(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var file = reader.File();
        reader.End();
        return file;
    }

    public static byte[] Read(ReadRequest request)
    {
        var writer = new WireWriter(32);
        writer.File(request.File);
        writer.I64(request.Offset);
        writer.I32(request.Length);
        writer.Reserved(4);
        return writer.ToArray();
    }

    public static ReadRequest ReadRead(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var request = new ReadRequest(reader.File(), reader.I64(), reader.I32());
        reader.Reserved(4);
        reader.End();
        return request;
    }

    public static byte[] FileLength(FileLengthRequest request)
    {
        var writer = new WireWriter(24);
        writer.File(request.File);
        writer.I64(request.Length);
        return writer.ToArray();
    }

    public static FileLengthRequest ReadFileLength(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var request = new FileLengthRequest(reader.File(), reader.I64());
        reader.End();
        return request;
    }

    public static byte[] Copy(CopyRequest request)
    {
        var writer = new WireWriter(256);
        writer.File(request.File);
        writer.I64(request.Incarnation);
        writer.I64(request.SealedLength);
        writer.U8((byte)request.Kind);
        writer.Reserved(3);
        Replicas(ref writer, request.Sources);
        return writer.ToArray();
    }

    public static CopyRequest ReadCopy(ReadOnlySpan<byte> body)
    {
        var reader = new WireReader(body);
        var file = reader.File();
        var incarnation = reader.I64();
        var length = reader.I64();
        var kind = Kind(reader.U8());
        reader.Reserved(3);
        var sources = Replicas(ref reader);
        reader.End();
        return new CopyRequest(file, kind, incarnation, length, sources);
    }

    private static void Replicas(ref WireWriter writer, IReadOnlyList<PeerReplica> replicas)
    {
        writer.I32(replicas.Count);
        foreach (var replica in replicas)
        {
            writer.Guid(replica.Address.Node.Value);
            writer.I64(replica.Address.Incarnation);
            writer.I64(replica.Epoch);
            writer.U16((ushort)replica.Address.Port);
            writer.Text(replica.Address.Host);
        }
    }

    private static PeerReplica[] Replicas(ref WireReader reader)
    {
        var replicas = new PeerReplica[reader.Count(MostReplicas)];
        for (var i = 0; i < replicas.Length; i++)
        {
            var node = new NodeId(reader.Guid());
            var incarnation = reader.I64();
            var epoch = reader.I64();
            var port = reader.U16();
            replicas[i] = new PeerReplica(new NodeAddress(node, incarnation, reader.Text(), port), epoch);
        }
        return replicas;
    }

    private static ChunkKind Kind(byte value) =>
        value <= (byte)ChunkKind.Compaction ? (ChunkKind)value : throw new WireException("Unknown chunk kind.");
}
