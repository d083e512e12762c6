using Deucalion.PromQL.Ast;

namespace Deucalion.PromQL.Functions.Binary;

/// <summary>Operators as they are written.</summary>
internal static class OperatorText
{
    public static string Of(BinaryOp op) => op switch
    {
        BinaryOp.Add => "+",
        BinaryOp.Sub => "-",
        BinaryOp.Mul => "*",
        BinaryOp.Div => "/",
        BinaryOp.Mod => "%",
        BinaryOp.Pow => "^",
        BinaryOp.Atan2 => "atan2",
        BinaryOp.Eql => "==",
        BinaryOp.Neq => "!=",
        BinaryOp.Lss => "<",
        BinaryOp.Lte => "<=",
        BinaryOp.Gtr => ">",
        BinaryOp.Gte => ">=",
        BinaryOp.TrimUpper => "</",
        BinaryOp.TrimLower => ">/",
        BinaryOp.And => "and",
        BinaryOp.Or => "or",
        _ => "unless",
    };
}
