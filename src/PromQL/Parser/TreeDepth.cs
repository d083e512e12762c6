using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Parser;

/// <summary>Bounds the height of the finished tree: chains of operators deepen it without nesting in the text.</summary>
internal static class TreeDepth
{
    public static void Check(Expr root, TokenStream tokens)
    {
        var pending = new Stack<(object Node, int Depth)>();
        pending.Push((root, 1));
        while (pending.TryPop(out var item))
        {
            if (item.Depth > TokenStream.MaxDepth)
            {
                throw tokens.TooDeep(root.Position);
            }

            PushChildren(pending, item.Node, item.Depth + 1);
        }
    }

    private static void PushChildren(Stack<(object Node, int Depth)> pending, object node, int depth)
    {
        void Push(object? child)
        {
            if (child is not null)
            {
                pending.Push((child, depth));
            }
        }

        switch (node)
        {
            case ParenExpr e:
                Push(e.Inner);
                break;
            case UnaryExpr e:
                Push(e.Inner);
                break;
            case BinaryExpr e:
                Push(e.Left);
                Push(e.Right);
                break;
            case AggregateExpr e:
                Push(e.Inner);
                Push(e.Parameter);
                break;
            case CallExpr e:
                foreach (var argument in e.Arguments)
                {
                    Push(argument);
                }

                break;
            case SubqueryExpr e:
                Push(e.Inner);
                Push(e.RangeExpr);
                Push(e.StepExpr);
                Push(e.Modifiers.OffsetExpr);
                break;
            case MatrixSelector e:
                Push(e.Selector);
                Push(e.RangeExpr);
                break;
            case VectorSelector e:
                Push(e.Modifiers.OffsetExpr);
                break;
            case DurationExpr e:
                Push(e.Left);
                Push(e.Right);
                break;
        }
    }
}
