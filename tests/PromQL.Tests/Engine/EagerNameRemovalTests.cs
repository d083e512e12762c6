using Deucalion.PromQL.Engine;
using Deucalion.PromQL.TestLanguage;
using Xunit;

namespace Deucalion.PromQL.Tests.Engine;

/// <summary>Names as a default server treats them: dropped by each function at once.</summary>
public sealed class EagerNameRemovalTests
{
    private const string Script = """
        load 5m
          metric_total{env="1"} 0 60 120
          another_metric_total{env="1"} 60 120 180
          typed_total{env="2", __type__="counter", __unit__="s"} 0 60 120

        eval instant at 10m metric_total * 2
          {env="1"} 240

        eval instant at 10m rate(typed_total[10m])
          {env="2"} 0.2

        eval instant at 10m last_over_time(metric_total[10m])
          metric_total{env="1"} 120

        eval instant at 10m rate({env="1"}[10m])
          expect fail msg: vector cannot contain metrics with the same labelset

        eval instant at 10m sum(rate({env="1"}[10m]))
          expect fail msg: vector cannot contain metrics with the same labelset

        eval instant at 10m sum by (__name__) (rate(metric_total[10m]))
          {} 0.2

        eval instant at 10m label_replace(rate(metric_total[10m]), "__name__", "rate_$1", "__name__", "(.+)")
          {env="1"} 0.2

        eval instant at 10m label_replace(rate(metric_total[10m]), "__name__", "x", "env", "1")
          x{env="1"} 0.2

        eval instant at 10m count by (__name__) ({env=~".+"})
          metric_total 1
          another_metric_total 1
          typed_total 1

        eval instant at 10m {env="1"} / on(env, __name__) {env="1"}
          {env="1"} 1
          expect fail msg: vector cannot contain metrics with the same labelset

        eval instant at 10m metric_total * on(env) group_left(__name__) rate(another_metric_total[10m])
          {env="1"} 24

        eval instant at 10m rate(metric_total[10m]) * on(env) group_left(__name__) another_metric_total
          another_metric_total{env="1"} 36

        eval instant at 10m count_values("__name__", rate(metric_total[10m]))
          {__name__="0.2"} 1

        eval instant at 10m -{env=~".+"} + 0
          expect fail msg: vector cannot contain metrics with the same labelset

        eval instant at 10m (metric_total * 1) or on(__name__) (another_metric_total * 1)
          {env="1"} 120

        clear

        load 1m
          first_total{env="1"} 0 1 2 stale _ _ _ _ _ _
          second_total{env="1"} _ _ _ _ _ _ 5 6 7 8

        eval range from 1m to 9m step 1m rate({env="1"}[1m30s])
          expect fail msg: vector cannot contain metrics with the same labelset

        eval range from 1m to 9m step 4m changes(({env="1"})[1m30s:30s])
          expect fail msg: vector cannot contain metrics with the same labelset

        eval range from 1m to 3m step 1m changes({env="1"}[1m30s])
          {env="1"} 1 1 0

        eval range from 0 to 9m step 3m -{env="1"}
          {env="1"} 0 _ -5 -8

        clear

        load 1m
          sizes{__type__="histogram", __unit__="bytes"} {{schema:0 sum:3 count:2 buckets:[1 1]}}
          other{__type__="histogram", __unit__="seconds"} {{schema:0 sum:3 count:2 buckets:[1 1]}}

        eval instant at 0 histogram_count(sizes)
          {__type__="histogram", __unit__="bytes"} 2

        eval instant at 0 histogram_avg({__type__="histogram"})
          {__type__="histogram", __unit__="bytes"} 1.5
          {__type__="histogram", __unit__="seconds"} 1.5

        eval instant at 0 histogram_quantile(0.5, sizes)
          {} 1

        eval instant at 0 rate(up[1m:10s])

        load 10s
          up 0 1 2 3 4 5 6

        eval instant at 1m rate(up[1m:10s])
          expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "up" (1:1)
          {} 0.1

        eval instant at 1m sum(rate(up[1m:10s])) + sum(rate(up[1m]))
          expect info regex: "up" \(1:(34|43)\)
          {} 0.2

        """;

    [Fact]
    public async Task DropsNamesAtOnce_WhenRemovalIsNotDelayed()
    {
        var options = new EngineOptions();
        var result = await new ScriptRunner(options).RunAsync(Script, TestContext.Current.CancellationToken);
        Assert.Equal(31, result.Commands);
        Assert.Empty(result.Failures);
    }
}
