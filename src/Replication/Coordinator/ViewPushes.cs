using Deucalion.Common.Wire;
using Deucalion.Replication.Coordinator.Wire;
using Deucalion.Replication.Membership;
using Deucalion.Replication.PartitionLog.Core;

namespace Deucalion.Replication.Coordinator;

/// <summary>
/// Pushes changes of the view to the nodes that are alive, one push at a time to each. One that fails is not repeated: nodes ask for themselves
/// every few seconds.
/// </summary>
internal sealed class ViewPushes(CoordinatorParts parts, CoordinatorState state, BackgroundTasks tasks, Action<CoordinatorMessage> post)
{
    private readonly Dictionary<NodeId, long> _pushed = [];
    private readonly HashSet<NodeId> _underWay = [];

    public void Push()
    {
        if (!state.IsReady)
        {
            return;
        }

        foreach (var node in state.Nodes.All)
        {
            if (node is { IsAlive: true, Record: not null } && Math.Max(node.Knows, _pushed.GetValueOrDefault(node.Id)) < state.Seq && _underWay.Add(node.Id))
            {
                _pushed[node.Id] = state.Seq;
                var update = state.UpdateSince(new ViewPosition(state.Token, node.Knows));
                var to = node.Id;
                tasks.Run(cancellationToken => PushAsync(to, update, cancellationToken));
            }
        }
    }

    public void Done(PushedMessage pushed)
    {
        _underWay.Remove(pushed.Node);
        if (pushed.Answer is { } answer)
        {
            state.Confirmed(pushed.Node, answer.Lease, new ViewPosition(answer.Token, answer.Seq));
        }
    }

    private async Task PushAsync(NodeId to, ViewUpdate update, CancellationToken cancellationToken)
    {
        PushAnswer? answer = null;
        try
        {
            var bytes = await parts.Calls.CallAsync(to, ClusterMethods.PushEntries, ClusterJson.Write(update), parts.Options.CallDeadline, cancellationToken);
            answer = ClusterJson.Read<PushAnswer>(bytes);
        }
        catch (WireException)
        {
            // It asks by itself.
        }
        finally
        {
            post(new PushedMessage(to, answer));
        }
    }
}
