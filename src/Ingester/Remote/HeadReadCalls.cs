using Deucalion.Common.Contracts.V1;
using Deucalion.Common.Identifiers;
using Deucalion.Common.Labels;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Read;
using Google.Protobuf;
using MatchType = Deucalion.Common.Labels.MatchType;

namespace Deucalion.Ingester.Remote;

/// <summary>Questions to heads as <c>HeadReadCall</c>.</summary>
internal static class HeadReadCalls
{
    /// <summary>A question; label and selectors where its kind has them.</summary>
    public static byte[] Write(NodeRead read, string label = "", IReadOnlyList<IReadOnlyList<LabelMatcher>>? selectors = null)
    {
        var call = new HeadReadCall { Tenant = read.Tenant.Value, MinTime = read.MinTime, MaxTime = read.MaxTime, IsRestricted = read.Only is not null, Label = label };
        call.Matchers.AddRange(read.Matchers.Select(Write));
        foreach (var selector in selectors ?? [])
        {
            var message = new Selector();
            message.Matchers.AddRange(selector.Select(Write));
            call.Selectors.Add(message);
        }

        if (read.Only is { } only)
        {
            call.Partitions.AddRange(only.Select(static x => x.Value));
        }

        return call.ToByteArray();
    }

    /// <summary>Reads a question.</summary>
    /// <exception cref="RemoteFormatException">The bytes are none, or one that cannot be asked.</exception>
    public static (NodeRead Read, string Label, IReadOnlyList<IReadOnlyList<LabelMatcher>> Selectors) Parse(ReadOnlySpan<byte> bytes)
    {
        var call = RemoteMessage.Parse(HeadReadCall.Parser, bytes, "a read");
        if (!TenantId.TryParse(call.Tenant, out var tenant, out var error))
        {
            throw new RemoteFormatException($"a read for no tenant: {error}");
        }

        var read = new NodeRead(tenant, Parse(call.Matchers), call.MinTime, call.MaxTime)
        {
            Only = call.IsRestricted ? call.Partitions.Select(static x => new PartitionId(x)).ToHashSet() : null,
        };
        return (read, call.Label, [.. call.Selectors.Select(static x => Parse(x.Matchers))]);
    }

    private static Matcher Write(LabelMatcher matcher) => new() { Type = (int)matcher.Type, Name = matcher.Name, Value = matcher.Value };

    private static IReadOnlyList<LabelMatcher> Parse(IEnumerable<Matcher> matchers) => [.. matchers.Select(Parse)];

    private static LabelMatcher Parse(Matcher matcher)
    {
        if (matcher.Type is < (int)MatchType.Equal or > (int)MatchType.NotRegex)
        {
            throw new RemoteFormatException($"a matcher of type {matcher.Type}");
        }

        try
        {
            return new LabelMatcher((MatchType)matcher.Type, matcher.Name, matcher.Value);
        }
        catch (RegexSyntaxException exception)
        {
            throw new RemoteFormatException($"a matcher is no expression: {exception.Message}", exception);
        }
    }
}
