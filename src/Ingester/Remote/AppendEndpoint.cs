using System.Collections.Concurrent;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Partitions;
using Deucalion.Ingester.Push;
using Microsoft.AspNetCore.Routing;

namespace Deucalion.Ingester.Remote;

/// <summary>Serves appends from other nodes to the partitions that this node leads. Thread-safe.</summary>
internal sealed class AppendEndpoint(ILocalPartitions partitions, RemoteAppendOptions options, RemoteMetrics metrics, TimeProvider time)
{
    private readonly InFlightBudget _budget = new(options.MaxInFlightBytes, options.MaxInFlightCalls);
    private readonly ConcurrentBag<DecodedAppend> _decoded = [];

    /// <summary>Maps the call.</summary>
    public void Map(IEndpointRouteBuilder endpoints) => endpoints.MapWireUnary(RemoteMethods.Append, (_, call, _) => AppendAsync(call));

    /// <summary>
    /// Serves one call. Not cancelled when the caller leaves: the call's bytes are in use until the partition has answered.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<byte>> AppendAsync(ReadOnlyMemory<byte> call)
    {
        if (!_budget.TryEnter())
        {
            return Overloaded();
        }

        var taken = 0;
        try
        {
            if (!_budget.TryTake(call.Length))
            {
                return Overloaded();
            }

            taken = call.Length;
            return await StoreAsync(call);
        }
        finally
        {
            _budget.Exit(taken);
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> StoreAsync(ReadOnlyMemory<byte> call)
    {
        var decoded = _decoded.TryTake(out var reused) ? reused : new DecodedAppend();
        try
        {
            decoded.Read(call);
            var request = new AppendRequest
            {
                Tenant = decoded.Tenant,
                Batch = decoded.Batch,
                Series = decoded.Series,
                Hashes = decoded.Hashes,
                WithMetadata = decoded.WithMetadata,
                Deadline = AppendRequest.DeadlineAfter(options.Patience, time),
            };
            if (!partitions.TryAppend(decoded.Partition, request, out var known))
            {
                metrics.Served("not_primary");
                return AppendAnswerCodec.WriteNotPrimary(known);
            }

            var result = await request.Completion;
            if (result.IsElsewhere)
            {
                metrics.Served("not_primary");
                return AppendAnswerCodec.WriteNotPrimary(partitions.EntryOf(decoded.Partition));
            }

            metrics.Served(result.RetryableFailure is null ? "stored" : "failed");
            return AppendAnswerCodec.Write(result, request.Rejections);
        }
        catch (RemoteFormatException exception)
        {
            metrics.Served("malformed");
            throw new WireException(WireStatus.InvalidArgument, exception.Message, exception);
        }
        finally
        {
            decoded.Clear();
            _decoded.Add(decoded);
        }
    }

    private ReadOnlyMemory<byte> Overloaded()
    {
        metrics.Served("overloaded");
        return AppendAnswerCodec.Write(new AppendResult(default, "too many appends of other nodes are under way"), new Rejections());
    }
}
