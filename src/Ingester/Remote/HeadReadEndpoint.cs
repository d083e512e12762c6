using Deucalion.Common.Contracts;
using Deucalion.Common.Wire;
using Deucalion.Ingester.Read;
using Microsoft.AspNetCore.Routing;

namespace Deucalion.Ingester.Remote;

/// <summary>Serves reads of this node's heads to other nodes. A slow reader slows the writing; what was sent is given back at once. Thread-safe.</summary>
internal sealed class HeadReadEndpoint(INodeHeadReads local)
{
    /// <summary>Maps the calls.</summary>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        Map(endpoints, RemoteMethods.Select, ChunksContent.Instance, (question, cancelled) => local.SelectAsync(question.Read, cancelled));
        Map(endpoints, RemoteMethods.Series, SeriesContent.Instance, (question, cancelled) => local.SeriesAsync(question.Read, cancelled));
        Map(endpoints, RemoteMethods.LabelNames, NamesContent.Instance, (question, cancelled) => local.LabelNamesAsync(question.Read, cancelled));
        Map(endpoints, RemoteMethods.LabelValues, NamesContent.Instance, (question, cancelled) => local.LabelValuesAsync(question.Read, question.Label, cancelled));
        Map(endpoints, RemoteMethods.Metadata, MetadataContent.Instance, (question, cancelled) => local.MetadataAsync(question.Read, cancelled));
        Map(endpoints, RemoteMethods.Exemplars, ExemplarsContent.Instance, (question, cancelled) => local.ExemplarsAsync(question.Read, question.Selectors, cancelled));
        Map(endpoints, RemoteMethods.Status, FiguresContent.Instance, (question, cancelled) => local.StatusAsync(question.Read, cancelled));
    }

    private static void Map<T>(IEndpointRouteBuilder endpoints, string method, IHeadContent<T> content, Func<Question, CancellationToken, ValueTask<NodeAnswer<T>>> ask) =>
        endpoints.MapWireStream(method, async (_, stream, cancellationToken) =>
        {
            try
            {
                using var answer = await ask(await QuestionAsync(stream, cancellationToken), cancellationToken);
                foreach (var frame in HeadAnswerWriter.Frames(answer, content))
                {
                    await stream.SendAsync(frame, cancellationToken);
                }
            }
            catch (RemoteFormatException exception)
            {
                throw new WireException(WireStatus.InvalidArgument, exception.Message, exception);
            }
            catch (PartitionUnavailableException exception)
            {
                throw new WireException(WireStatus.Unavailable, exception.Message, exception);
            }
        });

    private static async Task<Question> QuestionAsync(IWireStream stream, CancellationToken cancellationToken)
    {
        using var call = await stream.ReceiveAsync(cancellationToken) ?? throw new RemoteFormatException("a call without a question");
        var (read, label, selectors) = HeadReadCalls.Parse(call.Payload.Span);
        return new Question(read, label, selectors);
    }

    private sealed record Question(NodeRead Read, string Label, IReadOnlyList<IReadOnlyList<Common.Labels.LabelMatcher>> Selectors);
}
