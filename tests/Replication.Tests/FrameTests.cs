using OrleansDfs.Model;
using OrleansDfs.Replication.Wire;

namespace OrleansDfs.Replication.Tests;

public class FrameTests
{
    private static readonly ReplicaFile File = new(new ChunkId(0x1122334455667788), 7);
    private static readonly PeerReplica There = new(new NodeAddress(NodeId.New(), 42, "nödé.example", 29999), 3);

    /// <summary>The bytes of docs/formats/wire.md.</summary>
    [Fact]
    public void A_head_has_the_documented_bytes()
    {
        var bytes = new byte[FrameHead.Size];
        new FrameHead(0x010203, Opcode.Append, true, 0x1112131415161718).Write(bytes);
        Assert.Equal("03020100" + "11" + "01" + "0000" + "1817161514131211", Convert.ToHexString(bytes));
        Assert.Equal(new FrameHead(0x010203, Opcode.Append, true, 0x1112131415161718), FrameHead.Read(bytes));
    }

    [Theory]
    [InlineData(0, 0x01, 0x00, 0x20, 0x00)] // 2 MiB and one byte
    [InlineData(0, 0xff, 0xff, 0xff, 0xff)]
    [InlineData(5, 0x02)]
    [InlineData(6, 0x01)]
    [InlineData(7, 0x80)]
    public void A_head_that_version_1_does_not_know_is_refused(int at, params int[] values)
    {
        var bytes = new byte[FrameHead.Size];
        new FrameHead(100, Opcode.Read, false, 1).Write(bytes);
        for (var i = 0; i < values.Length; i++) bytes[at + i] = (byte)values[i];
        Assert.Throws<WireException>(() => FrameHead.Read(bytes));
    }

    [Fact]
    public void Append_fields_have_the_documented_bytes() => Assert.Equal(
        "8877665544332211" + "0700000000000000" + "0900000000000000",
        Convert.ToHexString(RequestCodec.Append(new AppendRequest(File, 9))));

    [Fact]
    public void Requests_come_back_as_they_were()
    {
        var create = new CreateRequest(File, ChunkKind.Stream, 5, ReplicaRole.Primary, 1L << 40, [There, There with { Epoch = 4 }]);
        var createBack = RequestCodec.ReadCreate(RequestCodec.Create(create));
        Assert.Equal(create with { Secondaries = [] }, createBack with { Secondaries = [] });
        Assert.Equal(create.Secondaries, createBack.Secondaries);

        var copy = new CopyRequest(File, ChunkKind.Shared, 5, 12345, [There]);
        var copyBack = RequestCodec.ReadCopy(RequestCodec.Copy(copy));
        Assert.Equal(copy with { Sources = [] }, copyBack with { Sources = [] });
        Assert.Equal(copy.Sources, copyBack.Sources);

        var replicate = new ReplicateRequest(File, 8, 1L << 33);
        Assert.Equal(replicate, RequestCodec.ReadReplicate(RequestCodec.Replicate(replicate)));
        var read = new ReadRequest(File, 64, 65540);
        Assert.Equal(read, RequestCodec.ReadRead(RequestCodec.Read(read)));
        var length = new FileLengthRequest(File, 99);
        Assert.Equal(length, RequestCodec.ReadFileLength(RequestCodec.FileLength(length)));
        Assert.Equal(File, RequestCodec.ReadFile(RequestCodec.File(File)));
    }

    [Fact]
    public void Answers_come_back_as_they_were()
    {
        var append = new AppendResult(ChunkStatus.Ok, 64, 1L << 32);
        Assert.Equal(append, AnswerCodec.ReadAppend(ChunkStatus.Ok, AnswerCodec.Append(append)));
        Assert.Equal(new CloseResult(ChunkStatus.Ok, 77), AnswerCodec.ReadClose(ChunkStatus.Ok, AnswerCodec.Number(77)));
        var status = new NodeStatus(ChunkStatus.Ok, 3, 4, 5, true, false, 6, 7);
        Assert.Equal(status, AnswerCodec.ReadStatus(ChunkStatus.Ok, AnswerCodec.Status(status)));
        var page = new InventoryPage(ChunkStatus.Ok, [new InventoryItem(File, 1, true), new InventoryItem(File with { Epoch = 8 }, 2, false)], true);
        var pageBack = AnswerCodec.ReadInventory(ChunkStatus.Ok, AnswerCodec.Inventory(page));
        Assert.Equal(page.Items, pageBack.Items);
        Assert.True(pageBack.More);
        var copy = new CopyResult(ChunkStatus.Ok, 8, [There.Address.Node]);
        Assert.Equal(copy.BadSources, AnswerCodec.ReadCopy(ChunkStatus.Ok, AnswerCodec.Copy(copy)).BadSources);
    }

    /// <summary>An Ok without a length taken for length 0 would seal a chunk at 0.</summary>
    [Fact]
    public void An_Ok_without_its_numbers_is_malformed_and_another_status_needs_none()
    {
        Assert.Throws<WireException>(() => AnswerCodec.ReadClose(ChunkStatus.Ok, []));
        Assert.Throws<WireException>(() => AnswerCodec.ReadAppend(ChunkStatus.Ok, []));
        Assert.Equal(new CloseResult(ChunkStatus.Absent, 0), AnswerCodec.ReadClose(ChunkStatus.Absent, []));
    }

    [Fact]
    public void A_message_cut_short_or_too_long_is_malformed()
    {
        var create = RequestCodec.Create(new CreateRequest(File, ChunkKind.Shared, 5, ReplicaRole.Primary, 100, [There]));
        for (var length = 0; length < create.Length; length++)
        {
            var cut = create[..length];
            Assert.Throws<WireException>(() => RequestCodec.ReadCreate(cut));
        }
        Assert.Throws<WireException>(() => RequestCodec.ReadCreate([.. create, 0]));
    }

    [Fact]
    public void A_list_that_claims_two_billion_items_is_refused_before_it_is_made()
    {
        var create = RequestCodec.Create(new CreateRequest(File, ChunkKind.Shared, 5, ReplicaRole.Primary, 100, []));
        create[^1] = 0x7f;
        Assert.Throws<WireException>(() => RequestCodec.ReadCreate(create));
    }
}
