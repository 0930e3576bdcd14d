using System.Text;
using OrleansDfs.Model;
using OrleansDfs.Node;
using OrleansDfs.Storage.Tests;

namespace OrleansDfs.Simulation.Tests;

/// <summary>Something that can be killed: what it has begun never ends well for others, and it sends nothing any more.</summary>
sealed class SimulatedProcess(string name)
{
    public string Name => name;

    public bool IsDead { get; set; }
}

/// <summary>A machine with one disk, and the storage node that runs there now or is away.</summary>
sealed class SimulatedNode
{
    public SimulatedNode(int number, Guid cluster)
    {
        Name = $"node{number}";
        // The same id in every run: placement and row order depend on it.
        Id = new NodeId(new Guid(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 1]));
        Process = new SimulatedProcess(Name);
        Identity = Encoding.UTF8.GetBytes($$"""{"Format":{{Format.Version}},"Node":"{{Id.Value}}","Cluster":"{{cluster}}"}""");
    }

    public string Name { get; }

    public NodeId Id { get; }

    public byte[] Identity { get; }

    public MemoryDisk Disk { get; set; } = new();

    public SimulatedProcess Process { get; set; }

    public StorageNode? Node { get; set; }
}
