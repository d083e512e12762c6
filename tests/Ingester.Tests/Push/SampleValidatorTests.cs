using System.Text;
using Deucalion.Common.Contracts;
using Deucalion.Common.Limits;
using Deucalion.Common.Tenants;
using Deucalion.Ingester.Push;
using Xunit;

namespace Deucalion.Ingester.Tests.Push;

public sealed class SampleValidatorTests
{
    private static readonly SampleValidator Validator = new(
        TenantId.Anonymous, TenantLimits.Default with { MaxLabelsPerSeries = 40, MaxLabelNameLength = 10, MaxLabelValueLength = 20, Bounds = TenantLimits.Default });

    [Fact]
    public void SortsLabelsByBytes_AndDropsEmptyValues()
    {
        using var batch = Batch(("job", "x"), ("__name__", "up"), ("\u00e4", "1"), ("a", ""), ("Z", "2"));
        var rejections = new Rejections();
        Assert.True(Validator.TryAccept(batch, 0, rejections));
        Assert.Equal("Z,__name__,job,\u00e4", Names(batch));
        Assert.Equal(string.Empty, rejections.Message());
    }

    [Fact]
    public void SortsAnyOrder()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var labels = Enumerable.Range(0, random.Next(1, 39)).Select(x => ("n" + x, "v")).Append(("__name__", "m")).ToArray();
            random.Shuffle(labels);
            using var batch = Batch(labels);
            Assert.True(Validator.TryAccept(batch, 0, new Rejections()));
            Assert.Equal(string.Join(',', labels.Select(x => x.Item1).Order(StringComparer.Ordinal)), Names(batch));
        }
    }

    [Fact]
    public void NamesTheReason_WhenLabelsAreInvalid()
    {
        Rejects(RejectReason.MissingMetricName, ("job", "x"));
        Rejects(RejectReason.MissingMetricName, ("__name__", ""), ("job", "x"));
        Rejects(RejectReason.DuplicateLabelNames, ("__name__", "x"), ("a", "1"), ("a", "1"));
        Rejects(RejectReason.DuplicateLabelNames, ("__name__", "x"), ("a", "1"), ("a", ""));
        Rejects(RejectReason.InvalidLabelName, ("__name__", "x"), ("", "1"));
        Rejects(RejectReason.LabelNameTooLong, ("__name__", "x"), ("aaaaaaaaaaa", "1"));
        Rejects(RejectReason.LabelValueTooLong, ("__name__", new string('x', 21)));
        Rejects(RejectReason.TooManyLabels, [.. Enumerable.Range(0, 41).Select(x => ("a" + x, "1"))]);
    }

    [Fact]
    public void RejectsBytesThatAreNotUtf8()
    {
        using var batch = new WriteBatch();
        batch.Reset();
        var name = batch.AddText("__name__"u8);
        var bad = batch.AddText([0xC3, 0x28]);
        batch.BeginSeries();
        batch.AddLabel(new WriteLabel(name, 8, bad, 2));
        batch.AddSample(1, 1);
        batch.BeginSeries();
        batch.AddLabel(new WriteLabel(bad, 2, name, 8));
        batch.AddSample(1, 1);
        var rejections = new Rejections();
        Assert.False(Validator.TryAccept(batch, 0, rejections));
        Assert.False(Validator.TryAccept(batch, 1, rejections));
        Assert.Equal(1, rejections.CountOf(RejectReason.InvalidLabelValue));
        Assert.Equal(1, rejections.CountOf(RejectReason.InvalidLabelName));
    }

    [Fact]
    public void MessageHoldsAtMostTenExamples_AndAllCounts()
    {
        var rejections = new Rejections();
        for (var i = 0; i < 25; i++)
        {
            using var batch = Batch(("job", "x" + i));
            Assert.False(Validator.TryAccept(batch, 0, rejections));
        }

        var lines = rejections.Message().Split('\n');
        Assert.Equal("rejected 25 invalid samples (missing_metric_name: 25)", lines[0]);
        Assert.Equal("missing_metric_name: series has no metric name: series {job=\"x0\"}", lines[1]);
        Assert.Equal(11, lines.Length);
    }

    [Fact]
    public void AllocatesNothing_WhenAllIsValid()
    {
        using var batch = Batch(("job", "x"), ("__name__", "up"), ("a", ""), ("Z", "2"));
        var rejections = new Rejections();
        Validator.TryAccept(batch, 0, rejections);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Validator.TryAccept(batch, 0, rejections);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void NamesLimitValueAndKey_WhenLabelsExceedALimit()
    {
        Says("too_many_labels: tenant \"anonymous\": 41 labels exceed the limit of 40 (max_labels_per_series); raise it in limits.overrides.anonymous.max_labels_per_series", [.. Enumerable.Range(0, 41).Select(x => ("a" + x, "1"))]);
        Says("label_name_too_long: tenant \"anonymous\": a label name of 11 bytes exceeds the limit of 10 bytes (max_label_name_length); raise it in limits.overrides.anonymous.max_label_name_length", ("__name__", "x"), ("aaaaaaaaaaa", "1"));
        Says("label_value_too_long: tenant \"anonymous\": a label value of 21 bytes exceeds the limit of 20 bytes (max_label_value_length); raise it in limits.overrides.anonymous.max_label_value_length", ("__name__", new string('x', 21)));
    }

    private static void Says(string text, params (string, string)[] labels)
    {
        using var batch = Batch(labels);
        var rejections = new Rejections();
        Assert.False(Validator.TryAccept(batch, 0, rejections));
        Assert.StartsWith(text + ": series {", Assert.Single(rejections.Examples), StringComparison.Ordinal);
    }

    private static void Rejects(RejectReason reason, params (string, string)[] labels)
    {
        using var batch = Batch(labels);
        var rejections = new Rejections();
        Assert.False(Validator.TryAccept(batch, 0, rejections));
        Assert.Equal(1, rejections.CountOf(reason));
        Assert.Equal(1, rejections.Total);
        Assert.Contains(RejectReasons.Name(reason), rejections.Message(), StringComparison.Ordinal);
    }

    private static WriteBatch Batch(params (string Name, string Value)[] labels)
    {
        var batch = new WriteBatch();
        batch.Reset();
        batch.BeginSeries();
        foreach (var (name, value) in labels)
        {
            var n = Encoding.UTF8.GetBytes(name);
            var v = Encoding.UTF8.GetBytes(value);
            batch.AddLabel(new WriteLabel(batch.AddText(n), n.Length, batch.AddText(v), v.Length));
        }

        batch.AddSample(1, 1);
        return batch;
    }

    private static string Names(WriteBatch batch)
    {
        var names = new List<string>();
        foreach (var label in batch.Labels[..batch.Series[0].LabelCount])
        {
            names.Add(Encoding.UTF8.GetString(batch.Text.Slice(label.NameOffset, label.NameLength)));
        }

        return string.Join(',', names);
    }
}
