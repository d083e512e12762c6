using Deucalion.Common.Labels;
using Deucalion.PromQL.Operators;
using Deucalion.PromQL.Operators.Grouping;
using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Operators.Grouping;

public sealed class LabelGroupingTests
{
    private static readonly string[] Names = ["__name__", "__type__", "env", "job", "pod"];

    [Fact]
    public void GivesEqualLabelsOneNumber_WhereverTheyComeFrom()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var random = new Random(seed);
            var selection = (seed % 4) switch
            {
                0 => LabelSelection.All,
                1 => LabelSelection.Only(["job", "env", "job", "absent"]),
                2 => LabelSelection.AllBut(["pod"]),
                _ => LabelSelection.Except(["job"]),
            };
            using var grouping = new LabelGrouping(selection);
            using var first = Set(random);
            using var second = Set(random);
            var ids = new Dictionary<Labels, int>();
            for (var i = 0; i < 300; i++)
            {
                // From one selection or another, or made by an operator.
                var set = random.Next(2) == 0 ? first : second;
                var place = new SeriesLabels(set, random.Next(set.Count));
                var labels = random.Next(3) == 0 ? place.Whole : place;
                var hide = random.Next(2) == 0;
                var selected = Expected(place.Whole, seed % 4, hide);
                Assert.Equal(ids.GetValueOrDefault(selected, -1), grouping.Find(labels, hide));
                var id = grouping.IdOf(labels, hide);
                Assert.Equal(ids.TryGetValue(selected, out var known) ? known : ids.Count, id);
                ids[selected] = id;
                Assert.Equal(selected, selection.Select(labels, hide));
                Assert.All(Names, name => Assert.Equal(place.Whole.Get(name), labels.Get(name)));
            }

            Assert.Equal(ids.Count, grouping.Count);
        }
    }

    private static Labels Expected(Labels labels, int selection, bool hide) => Labels.Of([.. Enumerable.Range(0, labels.Count)
        .Select(i => (Name: labels.NameAt(i), Value: labels.ValueAt(i)))
        .Where(l => !(hide && MetricNames.IsMetadata(l.Name)) && selection switch
        {
            0 => true,
            1 => l.Name is "job" or "env",
            2 => l.Name is not ("pod" or "__name__"),
            _ => l.Name != "job",
        })]);

    private static MemorySeriesSet Set(Random random) => new(
        [.. Enumerable.Range(0, 40).Select(_ => Labels.Of([.. Names.Where(_ => random.Next(2) == 0).Select(name => (name, $"v{random.Next(3)}"))]))
            .Distinct().Select(static labels => new MemorySeries(labels))],
        0,
        0);
}
