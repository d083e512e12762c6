using Deucalion.Common.Contracts;
using Deucalion.Common.Labels;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Read;
using Deucalion.Replication.Transport;

namespace Deucalion.Ingester.Remote;

/// <summary>
/// Reads of another node's heads. Whatever keeps the node from answering, an answer that is malformed too, is
/// <see cref="PartitionUnavailableException"/>. Thread-safe.
/// </summary>
internal sealed class RemoteHeadReads(PeerChannels channels, string nodeId, string address) : INodeHeadReads
{
    /// <inheritdoc/>
    public ValueTask<NodeAnswer<ChunkSeriesBatch>> SelectAsync(NodeRead read, CancellationToken cancellationToken) =>
        AskAsync(RemoteMethods.Select, HeadReadCalls.Write(read), ChunksContent.Instance, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyList<Labels>>> SeriesAsync(NodeRead read, CancellationToken cancellationToken) =>
        AskAsync(RemoteMethods.Series, HeadReadCalls.Write(read), SeriesContent.Instance, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyCollection<string>>> LabelNamesAsync(NodeRead read, CancellationToken cancellationToken) =>
        AskAsync(RemoteMethods.LabelNames, HeadReadCalls.Write(read), NamesContent.Instance, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyCollection<string>>> LabelValuesAsync(NodeRead read, string name, CancellationToken cancellationToken) =>
        AskAsync(RemoteMethods.LabelValues, HeadReadCalls.Write(read, name), NamesContent.Instance, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyList<MetricMetadata>>> MetadataAsync(NodeRead read, CancellationToken cancellationToken) =>
        AskAsync(RemoteMethods.Metadata, HeadReadCalls.Write(read), MetadataContent.Instance, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<IReadOnlyList<SeriesExemplars>>> ExemplarsAsync(
        NodeRead read, IReadOnlyList<IReadOnlyList<LabelMatcher>> selectors, CancellationToken cancellationToken) =>
        AskAsync(RemoteMethods.Exemplars, HeadReadCalls.Write(read, selectors: selectors), ExemplarsContent.Instance, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<NodeAnswer<HeadFigures>> StatusAsync(NodeRead read, CancellationToken cancellationToken) =>
        AskAsync(RemoteMethods.Status, HeadReadCalls.Write(read), FiguresContent.Instance, cancellationToken);

    private async ValueTask<NodeAnswer<T>> AskAsync<T>(string method, byte[] call, IHeadContent<T> content, CancellationToken cancellationToken)
    {
        using var answer = new HeadAnswerReader<T>(content);
        try
        {
            await using var stream = await channels.To(nodeId, address).OpenAsync(method, cancellationToken);
            await stream.SendAsync(call, cancellationToken);
            await stream.CompleteAsync(cancellationToken);
            while (await stream.ReceiveAsync(cancellationToken) is { } frame)
            {
                using (frame)
                {
                    answer.Add(frame.Payload.Span);
                }
            }

            return answer.Take();
        }
        catch (Exception exception) when (exception is WireException or RemoteFormatException or ObjectDisposedException or ArgumentException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new PartitionUnavailableException(exception.Message, exception);
        }
    }
}
