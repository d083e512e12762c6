using Deucalion.Replication.PartitionLog.Core;
using Deucalion.Simulation.Model;

namespace Deucalion.Simulation.World;

/// <summary>A sample on its way: which one, and the how many-th attempt.</summary>
internal sealed record ClientRequest(int Client, int Sample, int Attempt);

/// <summary>
/// Clients that write one sample after the other; one that gets no answer, or a refusal, sends the same sample again, to the node that it was
/// pointed to or to any other, while the first attempt may still be under way.
/// </summary>
internal sealed class SimClients(World world)
{
    private readonly Client[] _clients = [new(), new(), new()];

    public bool AllAcknowledgedOneMore => _clients.All(static client => client.Next > client.Expected);

    /// <summary>The longest time from the first attempt of a request to its acknowledgement.</summary>
    public long LongestWait { get; set; }

    public void Begin()
    {
        for (var i = 0; i < _clients.Length; i++)
        {
            Later(i, world.Rng.Between(10, 300));
        }
    }

    public void ExpectOneMore()
    {
        foreach (var client in _clients)
        {
            // A client that has used up its numbers has nothing more to show.
            client.Expected = Math.Min(client.Next, Bits.PerClient - 1);
        }
    }

    public string Describe() => string.Join(", ", _clients.Select(static client => $"{client.Next} of {client.Expected + 1}"));

    /// <summary>A node answers.</summary>
    public void Answer(ClientRequest request, bool accepted, NodeId? hint)
    {
        if (!world.IsQuiet && world.Rng.Chance(world.Plan.Loss))
        {
            return;
        }

        var number = accepted ? -1 : hint is { } node ? World.IndexOf(node) : world.Network.RandomNode();
        world.Schedule(world.Network.Delay(), new SimEvent(SimKind.ClientAnswer, -1, 0, 0, number, request));
    }

    public void Handle(in SimEvent happening)
    {
        var request = (ClientRequest)happening.Payload!;
        var client = _clients[request.Client];
        if (happening.Kind == SimKind.ClientSend)
        {
            Send(request, client);
            return;
        }

        if (request.Sample != client.Sample(request.Client))
        {
            return;
        }

        if (happening.Number < 0)
        {
            LongestWait = Math.Max(LongestWait, world.Now - client.Since);
            client.Next++;
            client.Attempt = 0;
            Later(request.Client, world.Rng.Between(1, 2 * world.Plan.ThinkTime));
        }
        else if (request.Attempt == client.Attempt)
        {
            client.Target = (int)happening.Number;
            world.Schedule(world.Rng.Between(50, 300), new SimEvent(SimKind.ClientSend, -1, 0, 0, 0, request));
        }
    }

    private void Later(int index, long delay)
    {
        var client = _clients[index];
        if (client.Next < Bits.PerClient)
        {
            world.Schedule(delay, new SimEvent(SimKind.ClientSend, -1, 0, 0, 0, new ClientRequest(index, client.Sample(index), 0)));
        }
    }

    private void Send(ClientRequest request, Client client)
    {
        if (request.Sample != client.Sample(request.Client) || request.Attempt != client.Attempt)
        {
            return;
        }

        if (request.Attempt == 0)
        {
            client.Since = world.Now;
        }

        var next = request with { Attempt = ++client.Attempt };
        if (world.IsQuiet || !world.Rng.Chance(world.Plan.Loss))
        {
            world.Schedule(world.Network.Delay(), new SimEvent(SimKind.ClientArrives, client.Target, 0, 0, 0, next));
        }

        // Without an answer it tries another node.
        if (request.Attempt > 0 && world.Rng.Below(3) == 0)
        {
            client.Target = world.Network.RandomNode();
        }

        world.Schedule(world.Rng.Between(600, 2000), new SimEvent(SimKind.ClientSend, -1, 0, 0, 0, next));
    }

    private sealed class Client
    {
        public int Next { get; set; }

        public int Attempt { get; set; }

        public long Since { get; set; }

        public int Target { get; set; }

        public int Expected { get; set; } = int.MaxValue;

        public int Sample(int index) => (index * Bits.PerClient) + Next;
    }
}
